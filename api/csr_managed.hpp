// Who manages which fields of a CertificateSigningRequest.
#pragma once

#include "api/managed_fields.hpp"
#include "api/write.hpp"

namespace csrflow::api {

/// managedFields of a request that is created; `object` as prepare_create made it, `sent_fields` what its
/// client sent as managedFields. Costs next to nothing for a request without labels and the like: nothing of
/// it can be managed.
std::string managed_on_create(const FieldWrite&, const engine::CsrObject& object,
                              const std::string& sent_fields);

/// managedFields after a PUT or a patch that is no apply.
std::string managed_on_update(const FieldWrite&, const engine::CsrObject& live, const DecodedCsr& sent);

/// Makes managedFields part of an update. New times alone are no change.
void manage(PreparedUpdate&, const engine::CsrObject& live, std::string managed_fields);

/// A configuration that was sent to be applied (`application/apply-patch+yaml`), as JSON.
struct Configuration {
  std::string json;
  std::vector<std::string> duplicates;  ///< `line 9: key "a" already set in map`
};
/// YAML, or JSON, which is YAML. 400 when it is neither, or no object.
std::expected<Configuration, Status> read_configuration(const std::string& body);

struct AppliedCsr {
  DecodedCsr object;  ///< as if it had been sent whole
  std::string managed_fields;
};
/// The configuration applied to the request at `version`, or to nothing when there is no request yet.
std::expected<AppliedCsr, Status> apply_to_csr(const FieldWrite&, const engine::CsrObject* live,
                                               engine::Position version, const std::string& configuration,
                                               bool force);

}  // namespace csrflow::api
