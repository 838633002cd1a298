// Request bodies, whatever their form, as one typed result.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/media.hpp"
#include "api/patch.hpp"
#include "api/query.hpp"
#include "api/resource.hpp"
#include "engine/config.hpp"

namespace csrflow::api {

constexpr std::size_t max_body_bytes = 3 * 1024 * 1024;  // as kube-apiserver
constexpr int max_body_depth = 10'000;                   // as Go's encoding/json
/// Nodes that a YAML body may grow to through aliases.
constexpr std::size_t max_yaml_nodes = 100'000;

/// What every object has, as a client sent it.
struct SentObject {
  std::string api_version, kind;  ///< as sent; may be empty
  engine::ObjectMeta meta;        ///< times, uid as sent
  std::string resource_version;
  /// managedFields as server-side apply computed them; else a write computes them.
  std::optional<std::string> applied_fields = {};
  /// Texts for `Warning: 299 - "…"` headers, also of answers that refuse the request for another reason.
  std::vector<std::string> warnings;
};

/// A CertificateSigningRequest.
struct DecodedCsr : SentObject {
  engine::CsrSpec spec;
  bool request_present =
      false;  ///< false: `spec.request` is missing or null (error texts show the difference)
  engine::CsrStatus status;
};

/// A configuration object.
struct DecodedConfig : SentObject {
  engine::ConfigBody body;  ///< with its defaults
};

/// What a PUT or POST of a CSR carries. 400 in Kubernetes' words; with FieldValidation::strict unknown and
/// duplicate fields are one too.
std::expected<DecodedCsr, Status> decode_csr(Format, std::string_view body, FieldValidation);

/// The object that a patch made of the stored one. Another kind, a field of a wrong type, and in strict mode
/// unknown and duplicate fields: 422 with field `patch`.
std::expected<DecodedCsr, Status> decode_patched_csr(const Patched&, FieldValidation);

/// The same for a resource with a ConfigFormat.
std::expected<DecodedConfig, Status> decode_config(const Resource&, Format, std::string_view body,
                                                   FieldValidation);
std::expected<DecodedConfig, Status> decode_patched_config(const Resource&, const Patched&, FieldValidation);

struct DecodedDeleteOptions {
  std::optional<std::string> uid, resource_version;
  std::string propagation;  ///< `Background`, `Foreground`, `Orphan`, or empty: the default
  bool dry_run = false;
};
/// Body (may be empty) and query of a DELETE. 400 or 422.
std::expected<DecodedDeleteOptions, Status> decode_delete_options(Format, std::string_view body,
                                                                  const Query&);

}  // namespace csrflow::api
