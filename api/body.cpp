// Bodies of objects. First which kind the body says that it is, then its fields: the order in which
// kube-apiserver complains.
#include "api/body.hpp"

#include <algorithm>
#include <array>

#include "api/config_fields.hpp"
#include "api/csr_fields.hpp"
#include "api/protobuf.hpp"
#include "api/tree_body.hpp"

namespace csrflow::api {

namespace {

std::string version_part(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string::npos ? api_version : api_version.substr(slash + 1);
}

Status cannot_handle(const Resource& resource, const std::string& kind, const std::string& api_version,
                     const std::string& why) {
  return status::bad_request(kind + " in version " + go_quote(version_part(api_version)) +
                             " cannot be handled as a " + resource.kind + ": " + why);
}

std::string joined(const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += (text.empty() ? "" : ", ") + problem;
  return text;
}

/// A version that Kubernetes once had of the same group.
bool earlier_version(const Resource& resource, const std::string& api_version) {
  if (api_version == resource.group + "/v1beta1") return true;
  // There never was a certificate signing request of this version.
  return api_version == resource.group + "/v1alpha1" && &resource != &certificate_signing_requests();
}

/// Why something of this kind cannot be one of the resource's objects; nothing when it can.
std::optional<std::string> unfit_kind(const Resource& resource, const std::string& sent_version,
                                      const std::string& sent_kind) {
  const std::string served = resource.api_version();
  const std::string api_version = sent_version.empty() ? served : sent_version;
  const std::string kind = sent_kind.empty() ? resource.kind : sent_kind;
  if ((api_version == served || earlier_version(resource, api_version)) && kind == resource.kind)
    return std::nullopt;
  if ((api_version == served && kind == resource.list_kind) || (api_version == "v1" && kind == "List")) {
    const std::string internal = resource.group.substr(0, resource.group.find('.')) + '.' + resource.kind;
    return "converting (v1." + kind + ") to (" + internal + "): unknown conversion";
  }
  return "no kind " + go_quote(kind) + " is registered for version " + go_quote(api_version) +
         " in scheme \"csrflow\"";
}

/// Reads the object of a tree; unknown and duplicate fields go to the list.
template <class T>
using ReadTree = std::function<T(const JsonValue&, std::vector<std::string>& problems)>;

template <class T>
std::expected<T, Status> decode(const Resource& resource, Format format, std::string_view body,
                                FieldValidation validation, const ReadTree<T>& read) {
  const auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), resource.kind));
  const auto& root = tree->value;
  try {
    const auto [api_version, kind] = type_of_tree(root);
    if (const auto known = check_kind(resource, api_version, kind); !known)
      return std::unexpected(known.error());
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(unrecognized(body, "json parse error: " + mismatch.message, resource.kind));
  }
  try {
    std::vector<std::string> unknown;
    T object = read(root, unknown);
    if (validation == FieldValidation::ignore) return object;
    if (validation == FieldValidation::strict) {
      std::vector<std::string> problems = unknown;
      if (!tree->duplicates.empty()) {
        std::string lines = "yaml: unmarshal errors:";
        for (const std::string& duplicate : tree->duplicates) lines += "\n  " + duplicate;
        problems.insert(problems.begin(), lines);
      }
      if (!problems.empty()) {
        return std::unexpected(cannot_handle(resource, resource.kind, resource.api_version(),
                                             "strict decoding error: " + joined(problems)));
      }
      return object;
    }
    object.warnings = tree->duplicates;
    object.warnings.insert(object.warnings.end(), unknown.begin(), unknown.end());
    return object;
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(cannot_handle(resource, resource.kind, resource.api_version(), mismatch.message));
  }
}

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
      return unfit("strict decoding error: " + joined(unknown));
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

std::expected<void, Status> check_kind(const Resource& resource, const std::string& sent_version,
                                       const std::string& sent_kind) {
  const std::string api_version = sent_version.empty() ? resource.api_version() : sent_version;
  const std::string kind = sent_kind.empty() ? resource.kind : sent_kind;
  if (earlier_version(resource, api_version) && kind == resource.kind) {
    return std::unexpected(status::bad_request("the API version in the data (" + api_version +
                                               ") does not match the expected API version (" +
                                               resource.api_version() + ")"));
  }
  if (const auto why = unfit_kind(resource, sent_version, sent_kind))
    return std::unexpected(cannot_handle(resource, kind, api_version, *why));
  return {};
}

std::expected<DecodedCsr, Status> decode_csr(Format format, std::string_view body,
                                             FieldValidation validation) {
  if (format == Format::protobuf) return csr_from_protobuf(body);
  return decode<DecodedCsr>(certificate_signing_requests(), format, body, validation, read_csr);
}

std::expected<DecodedCsr, Status> decode_patched_csr(const Patched& patched, FieldValidation validation) {
  return decode_patched<DecodedCsr>(certificate_signing_requests(), patched, validation, read_csr);
}

std::expected<DecodedConfig, Status> decode_config(const Resource& resource, Format format,
                                                   std::string_view body, FieldValidation validation) {
  if (format == Format::protobuf) return config_from_protobuf(resource, body);
  return decode<DecodedConfig>(resource, format, body, validation, config_reader(resource));
}

std::expected<DecodedConfig, Status> decode_patched_config(const Resource& resource, const Patched& patched,
                                                           FieldValidation validation) {
  return decode_patched<DecodedConfig>(resource, patched, validation, config_reader(resource));
}

}  // namespace csrflow::api
