#include "api/field_schema.hpp"

#include <deque>
#include <mutex>
#include <stdexcept>

#include "api/schemas.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;
using Kind = FieldType::Kind;

constexpr std::string_view reference_prefix = "#/components/schemas/";

/// Turns schemas into types, each named one once.
class Reader {
 public:
  Reader(json schemas, std::deque<FieldType>& types) : schemas_(std::move(schemas)), types_(types) {}

  const FieldType* named(const std::string& name) {
    const auto known = named_.find(name);
    if (known != named_.end()) return known->second;
    const auto schema = schemas_.find(name);
    if (schema == schemas_.end()) throw std::runtime_error("no schema " + name);
    FieldType& type = types_.emplace_back();
    named_.emplace(name, &type);  // before its fields, which may lead back to it
    fill(type, *schema);
    return &type;
  }

 private:
  const FieldType* of(const json& schema) {
    if (const std::string name = reference(schema); !name.empty())
      return with_extensions(named(name), schema);
    FieldType& type = types_.emplace_back();
    fill(type, schema);
    return &type;
  }

  /// The schema that this one refers to, alone or in `allOf`; empty when it is a schema itself.
  static std::string reference(const json& schema) {
    const auto all = schema.find("allOf");
    const json& at = all != schema.end() && all->size() == 1 ? all->front() : schema;
    const auto ref = at.find("$ref");
    return ref == at.end() ? std::string() : ref->get<std::string>().substr(reference_prefix.size());
  }

  /// A field may say of its type that it is atomic here.
  const FieldType* with_extensions(const FieldType* type, const json& schema) {
    if (!schema.contains("x-kubernetes-map-type")) return type;
    FieldType& here = types_.emplace_back(*type);
    here.atomic = schema["x-kubernetes-map-type"] == "atomic";
    return &here;
  }

  void fill(FieldType& type, const json& schema) {
    const std::string name = schema.value("type", "");
    if (name == "string") type.kind = Kind::text;
    if (name == "integer" || name == "number") type.kind = Kind::number;
    if (name == "boolean") type.kind = Kind::boolean;
    if (name.empty() && schema.contains("oneOf")) type.kind = Kind::scalar;
    if (schema.value("x-kubernetes-int-or-string", false)) type.kind = Kind::scalar;
    if (name == "array") fill_list(type, schema);
    if (name == "object") fill_map(type, schema);
  }

  void fill_list(FieldType& type, const json& schema) {
    type.kind = Kind::list;
    const std::string list_type = schema.value("x-kubernetes-list-type", "atomic");
    type.atomic = list_type == "atomic";
    if (list_type == "map")
      type.keys = schema.at("x-kubernetes-list-map-keys").get<std::vector<std::string>>();
    type.element = of(schema.at("items"));
  }

  void fill_map(FieldType& type, const json& schema) {
    const bool declared = schema.contains("properties");
    const bool open = schema.contains("additionalProperties") && schema["additionalProperties"].is_object();
    if (!declared && !open) return;
    type.kind = Kind::map;
    type.atomic = schema.value("x-kubernetes-map-type", "granular") == "atomic";
    if (open) type.element = of(schema["additionalProperties"]);
    if (!declared) return;
    for (const auto& [name, field] : schema["properties"].items())
      type.fields.emplace(name, DeclaredField{of(field), field.value("default", json())});
  }

  const json schemas_;
  std::deque<FieldType>& types_;
  std::map<std::string, const FieldType*> named_;
};

struct Schema {
  explicit Schema(const Resource& resource) {
    json schemas = json::parse(meta_schemas);
    schemas.update(json::parse(resource.schemas));
    root = Reader(std::move(schemas), types).named(resource.schema_name);
  }
  std::deque<FieldType> types;
  const FieldType* root = nullptr;
};

}  // namespace

const FieldType& field_type(const Resource& resource) {
  static std::mutex mutex;
  static std::map<std::string, Schema, std::less<>> made;
  const std::lock_guard lock(mutex);
  const auto known = made.find(resource.schema_name);
  if (known != made.end()) return *known->second.root;
  return *made.try_emplace(resource.schema_name, resource).first->second.root;
}

}  // namespace csrflow::api
