// Bodies of CSRs. First which kind the body says that it is, then its fields: the order in which
// kube-apiserver complains.
#include "api/body.hpp"

#include <algorithm>

#include "api/csr_fields.hpp"
#include "api/protobuf.hpp"
#include "api/tree_body.hpp"

namespace csrflow::api {

namespace {

constexpr std::string_view csr_kind = "CertificateSigningRequest";
constexpr std::string_view csr_version = "certificates.k8s.io/v1";

std::string version_part(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string::npos ? api_version : api_version.substr(slash + 1);
}

Status cannot_handle(const std::string& kind, const std::string& api_version, const std::string& why) {
  return status::bad_request(kind + " in version " + go_quote(version_part(api_version)) +
                             " cannot be handled as a CertificateSigningRequest: " + why);
}

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : ", ") + problem;
  return text;
}

}  // namespace

std::expected<void, Status> check_csr_kind(const std::string& sent_version, const std::string& sent_kind) {
  const std::string api_version = sent_version.empty() ? std::string(csr_version) : sent_version;
  const std::string kind = sent_kind.empty() ? std::string(csr_kind) : sent_kind;
  if (api_version == csr_version && kind == csr_kind) return {};
  if (api_version == "certificates.k8s.io/v1beta1" && kind == csr_kind) {
    return std::unexpected(status::bad_request("the API version in the data (" + api_version +
                                               ") does not match the expected API version (" +
                                               std::string(csr_version) + ")"));
  }
  if ((api_version == csr_version && kind == "CertificateSigningRequestList") ||
      (api_version == "v1" && kind == "List")) {
    return std::unexpected(cannot_handle(
        kind, api_version,
        "converting (v1." + kind + ") to (certificates.CertificateSigningRequest): unknown conversion"));
  }
  return std::unexpected(cannot_handle(kind, api_version,
                                       "no kind " + go_quote(kind) + " is registered for version " +
                                           go_quote(api_version) + " in scheme \"csrflow\""));
}

std::expected<DecodedCsr, Status> decode_csr(Format format, std::string_view body,
                                             FieldValidation validation) {
  if (format == Format::protobuf) return csr_from_protobuf(body);
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), csr_kind));
  const auto& root = tree->value;
  try {
    const auto [api_version, kind] = type_of_tree(root);
    if (const auto known = check_csr_kind(api_version, kind); !known) return std::unexpected(known.error());
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(unrecognized(body, "json parse error: " + mismatch.message, csr_kind));
  }
  try {
    std::vector<std::string> unknown;
    DecodedCsr csr = read_csr(root, unknown);
    if (validation == FieldValidation::ignore) return csr;
    if (validation == FieldValidation::strict) {
      std::vector<std::string> problems = unknown;
      if (!tree->duplicates.empty()) {
        std::string lines = "yaml: unmarshal errors:";
        for (const std::string& duplicate : tree->duplicates) lines += "\n  " + duplicate;
        problems.insert(problems.begin(), lines);
      }
      if (!problems.empty()) {
        return std::unexpected(cannot_handle(std::string(csr_kind), std::string(csr_version),
                                             "strict decoding error: " + joined(problems)));
      }
      return csr;
    }
    csr.warnings = tree->duplicates;
    csr.warnings.insert(csr.warnings.end(), unknown.begin(), unknown.end());
    return csr;
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(cannot_handle(std::string(csr_kind), std::string(csr_version), mismatch.message));
  }
}

std::expected<DecodedCsr, Status> decode_patched_csr(const std::string& json, FieldValidation validation) {
  // Kubernetes gives no kind here: the text starts with a blank.
  const auto unfit = [&](const std::string& why) {
    Status refused = status::invalid({}, "", {field::invalid_printed("patch", go_quote(json), why)});
    return std::unexpected(std::move(refused));
  };
  const auto tree = parse_json(json);
  if (!tree) return unfit(tree.error());
  try {
    std::vector<std::string> unknown;
    DecodedCsr csr = read_csr(*tree, unknown);
    if (const auto known = check_csr_kind(csr.api_version, csr.kind); !known)
      return std::unexpected(known.error());
    if (validation == FieldValidation::strict && !unknown.empty()) {
      return unfit("strict decoding error: " + joined(unknown));
    }
    if (validation == FieldValidation::warn) csr.warnings = std::move(unknown);
    return csr;
  } catch (const FieldMismatch& mismatch) {
    return unfit(mismatch.message);
  }
}

}  // namespace csrflow::api
