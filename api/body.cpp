// Bodies of objects. First which kind the body says that it is, then its fields: the order in which
// kube-apiserver complains.
#include "api/body.hpp"

#include <algorithm>

#include "api/config_fields.hpp"
#include "api/csr_fields.hpp"
#include "api/protobuf.hpp"
#include "api/tree_body.hpp"

namespace csrflow::api {

namespace {

template <class T>
std::expected<T, Status> decode_patched(const Resource& resource, const Patched& patched,
                                        FieldValidation validation, const ReadTree<T>& read) {
  // Kubernetes gives no kind here: the text starts with a blank.
  const auto unfit = [&](const std::string& why) {
    Status refused = status::invalid({}, "", {field::invalid_printed("patch", go_quote(patched.shown), why)});
    return std::unexpected(std::move(refused));
  };
  const auto tree = parse_json(patched.object);
  if (!tree) return unfit(tree.error());
  try {
    std::vector<std::string> unknown;
    T object = read(*tree, unknown);
    if (patched.strategic) {
      std::ranges::sort(unknown);
    } else if (const auto why = unfit_kind(resource, object.api_version, object.kind)) {
      return unfit(*why);
    }
    unknown.insert(unknown.begin(), patched.problems.begin(), patched.problems.end());
    if (validation == FieldValidation::strict && !unknown.empty()) {
      return unfit(strict_decoding_error(unknown));
    }
    if (validation == FieldValidation::warn) object.warnings = std::move(unknown);
    return object;
  } catch (const FieldMismatch& mismatch) {
    return unfit(mismatch.message);
  }
}

ReadTree<DecodedConfig> config_reader(const Resource& resource) {
  return [&resource](const JsonValue& root, std::vector<std::string>& problems) {
    return read_config(resource, root, problems);
  };
}

}  // namespace

std::expected<DecodedCsr, Status> decode_csr(Format format, std::string_view body,
                                             FieldValidation validation) {
  if (format == Format::protobuf) return csr_from_protobuf(body);
  return decode_tree<DecodedCsr>(certificate_signing_requests(), format, body, validation, read_csr);
}

std::expected<DecodedCsr, Status> decode_patched_csr(const Patched& patched, FieldValidation validation) {
  return decode_patched<DecodedCsr>(certificate_signing_requests(), patched, validation, read_csr);
}

std::expected<DecodedConfig, Status> decode_config(const Resource& resource, Format format,
                                                   std::string_view body, FieldValidation validation) {
  if (format == Format::protobuf) return config_from_protobuf(resource, body);
  return decode_tree<DecodedConfig>(resource, format, body, validation, config_reader(resource));
}

std::expected<DecodedConfig, Status> decode_patched_config(const Resource& resource, const Patched& patched,
                                                           FieldValidation validation) {
  return decode_patched<DecodedConfig>(resource, patched, validation, config_reader(resource));
}

}  // namespace csrflow::api
