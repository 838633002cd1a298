// What kube-apiserver checks of a CertificateSigningRequest, in its order and its words.
#pragma once

#include "api/status.hpp"
#include "engine/ports.hpp"

namespace csrflow::api {

// ---- names (apimachinery util/validation) -------------------------------------------------------

/// Each returns what is wrong, in Kubernetes' words; empty when nothing is.
std::vector<std::string> check_dns_label(std::string_view);
std::vector<std::string> check_dns_subdomain(std::string_view);
std::vector<std::string> check_qualified_name(std::string_view);
std::vector<std::string> check_label_value(std::string_view);
/// A legal segment of a URL's path: not `.`, `..`, and without `/` and `%`.
std::vector<std::string> check_path_segment(std::string_view);
/// What one can begin with.
std::vector<std::string> check_path_prefix(std::string_view);

FieldErrors validate_signer_name(const engine::SignerName&);
/// The 23 usages, sorted.
const std::vector<std::string>& supported_usages();

// ---- create -------------------------------------------------------------------------------------

struct CreateCheck {
  FieldErrors errors;
  /// Of the verified PKCS#10, when `spec.request` is sound.
  std::optional<engine::RequestSubject> subject;
};
/// Everything about an object to create, its name's form last and only when nothing else is wrong.
CreateCheck validate_create(const engine::CsrObject&, bool request_present, const engine::PkixInspector&);

/// CertificateSubjectRestriction: the API client signer never issues for system:masters; a 403.
std::expected<void, Status> restrict_subject(const engine::CsrObject&, const engine::RequestSubject&);

// ---- update -------------------------------------------------------------------------------------

enum class Endpoint { main, approval, status };

/// What update validation found, and the facts of a certificate that the change sets.
struct UpdateCheck {
  FieldErrors errors;
  std::optional<engine::CertificateFacts> certificate;
};
/// `updated` is prepared (write.hpp).
UpdateCheck validate_update(Endpoint, const engine::CsrObject& stored, const engine::CsrObject& updated,
                            const engine::PkixInspector&);

/// The form of a name; null: any will do.
using NameCheck = std::vector<std::string> (*)(std::string_view);
/// Metadata alone; `indexed_finalizers` adds the core group's second look at finalizers.
FieldErrors validate_metadata(const engine::ObjectMeta&, bool indexed_finalizers,
                              NameCheck check_name = nullptr);
FieldErrors validate_metadata_update(const engine::ObjectMeta& updated, const engine::ObjectMeta& stored);
/// The conditions on every write; `stored` null on create.
FieldErrors validate_conditions(const engine::CsrStatus&, const engine::CsrStatus* stored);

}  // namespace csrflow::api
