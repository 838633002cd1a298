#include "api/described_schema.hpp"

#include <nlohmann/json.hpp>

namespace csrflow::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view array_of = "array of ", map_of = "map of ";
constexpr std::string_view reference_prefix = "#/components/schemas/";

Json reference(const std::string& schema) {
  return {{"$ref", std::string(reference_prefix) + schema}};
}

Json properties_of(std::span<const engine::FieldDescription> fields);

Json object_of(std::span<const engine::FieldDescription> fields) {
  Json schema{{"type", "object"}};
  if (!fields.empty()) schema["properties"] = properties_of(fields);
  return schema;
}

Json value_of(std::string_view type, const engine::FieldDescription& field) {
  if (type.starts_with(array_of))
    return {{"type", "array"},
            {"items", value_of(type.substr(array_of.size()), field)},
            {"x-kubernetes-list-type", "atomic"}};
  if (type.starts_with(map_of))
    return {{"type", "object"}, {"additionalProperties", value_of(type.substr(map_of.size()), field)}};
  if (type == "object") return object_of(field.fields);
  if (type == "integer") return {{"type", "integer"}, {"format", "int64"}};
  Json schema{{"type", type}};
  if (!field.choices.empty()) schema["enum"] = field.choices;
  return schema;
}

Json properties_of(std::span<const engine::FieldDescription> fields) {
  Json properties = Json::object();
  for (const engine::FieldDescription& field : fields) {
    Json& schema = properties[field.name] = value_of(field.type, field);
    if (!field.description.empty()) schema["description"] = field.description;
  }
  return properties;
}

/// What `kubectl explain` finds a kind by.
Json group_version_kind(const std::string& kind) {
  return Json::array({{{"group", "csrflow.io"}, {"kind", kind}, {"version", "v1"}}});
}

Json type_members() {
  return {{"apiVersion",
           {{"type", "string"}, {"description", "The version of this form of the object: csrflow.io/v1."}}},
          {"kind", {{"type", "string"}, {"description", "What kind of object it is."}}}};
}

}  // namespace

std::string described_schemas(const std::string& kind, const std::string& description,
                              std::span<const engine::FieldDescription> spec) {
  const std::string name = "io.csrflow.v1." + kind;
  Json object{{"description", description}, {"type", "object"}, {"properties", type_members()}};
  object["properties"]["metadata"] = {
      {"default", Json::object()},
      {"description", "Standard object's metadata."},
      {"allOf", {reference("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")}}};
  object["properties"]["spec"] = object_of(spec);
  object["properties"]["spec"]["description"] = "What is wanted.";
  object["x-kubernetes-group-version-kind"] = group_version_kind(kind);
  Json list{{"description", kind + "List is a list of such objects."},
            {"type", "object"},
            {"required", {"items"}},
            {"properties", type_members()}};
  list["properties"]["items"] = {{"type", "array"}, {"items", reference(name)}};
  list["properties"]["metadata"] = {{"default", Json::object()},
                                    {"allOf", {reference("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta")}}};
  list["x-kubernetes-group-version-kind"] = group_version_kind(kind + "List");
  return Json{{name, std::move(object)}, {name + "List", std::move(list)}}.dump();
}

}  // namespace csrflow::api
