#include "api/tree_body.hpp"

#include "api/body.hpp"

namespace csrflow::api {

namespace {

/// How much of a body that cannot be read is shown.
constexpr std::size_t shown_bytes = 30;

std::string shown(std::string_view body) {
  if (body.empty()) return "<empty>";
  const bool cut = body.size() > shown_bytes;
  const std::string_view head = body.substr(0, shown_bytes);
  return (body.front() == '{' ? std::string(head) : engine::to_hex(head)) + (cut ? " ..." : "");
}

std::string version_part(const std::string& api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string::npos ? api_version : api_version.substr(slash + 1);
}

Status cannot_handle(const Resource& resource, const std::string& kind, const std::string& api_version,
                     const std::string& why) {
  return status::bad_request(kind + " in version " + go_quote(version_part(api_version)) +
                             " cannot be handled as a " + resource.kind + ": " + why);
}

/// A version that Kubernetes once had of the same group.
bool earlier_version(const Resource& resource, const std::string& api_version) {
  if (api_version == resource.group + "/v1beta1") return true;
  // There never was a certificate signing request of this version.
  return api_version == resource.group + "/v1alpha1" && &resource != &certificate_signing_requests();
}

}  // namespace

std::expected<YamlDocument, std::string> parse_body(Format format, std::string_view body) {
  YamlDocument document;
  if (format == Format::yaml) {
    auto parsed = parse_yaml(std::string(body));
    if (!parsed) return std::unexpected(parsed.error());
    document = std::move(*parsed);
  } else {
    auto parsed = parse_json(body);
    if (!parsed) return std::unexpected("json parse error: " + parsed.error());
    document.value = std::move(*parsed);
  }
  if (document.value.kind != JsonValue::Kind::object && document.value.kind != JsonValue::Kind::null) {
    return std::unexpected("json parse error: json: cannot unmarshal " +
                           std::string(document.value.kind_name()) + " into Go value of type struct");
  }
  return document;
}

std::pair<std::string, std::string> type_of_tree(const JsonValue& root) {
  FieldReader reader("TypeMeta");
  const JsonValue* api_version = root.find("apiVersion");
  const JsonValue* kind = root.find("kind");
  return {api_version ? reader.text(*api_version, "apiVersion") : "", kind ? reader.text(*kind, "kind") : ""};
}

Status unrecognized(std::string_view body, const std::string& problem, std::string_view kind) {
  const bool yaml = problem.starts_with("yaml:");
  return status::bad_request("the object provided is unrecognized (must be of type " + std::string(kind) +
                             "): " + (yaml ? "" : "couldn't get version/kind; ") + problem + " (" +
                             shown(body) + ")");
}

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

std::string strict_decoding_error(const std::vector<std::string>& problems) {
  std::string text = "strict decoding error: ";
  for (const std::string& problem : problems) text += (&problem == &problems.front() ? "" : ", ") + problem;
  return text;
}

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

Status unfit_body(const Resource& resource, const std::string& why) {
  return cannot_handle(resource, resource.kind, resource.api_version(), why);
}

std::expected<YamlDocument, Status> open_body(const Resource& resource, Format format,
                                              std::string_view body) {
  auto tree = parse_body(format, body);
  if (!tree) return std::unexpected(unrecognized(body, tree.error(), resource.kind));
  try {
    const auto [api_version, kind] = type_of_tree(tree->value);
    if (const auto known = check_kind(resource, api_version, kind); !known)
      return std::unexpected(known.error());
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(unrecognized(body, "json parse error: " + mismatch.message, resource.kind));
  }
  return std::move(*tree);
}

std::expected<std::vector<std::string>, Status> judge_fields(const Resource& resource,
                                                             const std::vector<std::string>& duplicate_keys,
                                                             const std::vector<std::string>& problems,
                                                             FieldValidation validation) {
  if (validation == FieldValidation::ignore) return {};
  std::vector<std::string> all;
  if (validation == FieldValidation::warn) {
    all = duplicate_keys;
  } else if (!duplicate_keys.empty()) {
    std::string& lines = all.emplace_back("yaml: unmarshal errors:");
    for (const std::string& duplicate : duplicate_keys) lines += "\n  " + duplicate;
  }
  all.insert(all.end(), problems.begin(), problems.end());
  if (validation == FieldValidation::strict && !all.empty())
    return std::unexpected(unfit_body(resource, strict_decoding_error(all)));
  return all;
}

}  // namespace csrflow::api
