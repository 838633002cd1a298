#include "api/tree_body.hpp"

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

}  // namespace csrflow::api
