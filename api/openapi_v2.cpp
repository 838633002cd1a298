// The OpenAPI 2.0 document. It is made of the 3.0 documents, so that the two never differ:
//   #/components/schemas/X           → #/definitions/X
//   allOf with one reference         → the reference itself; defaults are left out, as Kubernetes does
//   a parameter's schema             → its members beside the name
//   requestBody and responses' content → a parameter `body` in body, and a schema; consumes and produces
#include <nlohmann/json.hpp>

#include "api/accept.hpp"
#include "api/digest.hpp"
#include "api/gnostic.hpp"
#include "api/openapi.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

constexpr std::string_view schemas_3 = "#/components/schemas/";
constexpr std::string_view gnostic_asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
constexpr std::string_view gnostic_sent = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

json schema_2(const json& schema);

json properties_2(const json& properties) {
  json made = json::object();
  for (const auto& [name, schema] : properties.items()) made[name] = schema_2(schema);
  return made;
}

json schema_2(const json& schema) {
  json made = json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key == "default") continue;
    if (key == "allOf") {
      made.update(schema_2(value.at(0)));
    } else if (key == "$ref") {
      made[key] = "#/definitions/" + value.get<std::string>().substr(schemas_3.size());
    } else if (key == "properties") {
      made[key] = properties_2(value);
    } else if (key == "items" || key == "additionalProperties") {
      made[key] = schema_2(value);
    } else {
      made[key] = value;
    }
  }
  return made;
}

json parameter_2(const json& parameter) {
  json made = parameter;
  made.erase("schema");
  made.update(parameter.at("schema"));
  return made;
}

json media_types(const json& content) {
  json types = json::array();
  for (const auto& [type, what] : content.items()) types.push_back(type);
  return types;
}

json operation_2(const json& operation) {
  json made = operation;
  made.erase("requestBody");
  json parameters = json::array();
  made["consumes"] = json::array({"*/*"});
  if (const auto body = operation.find("requestBody"); body != operation.end()) {
    const json& content = body->at("content");
    json parameter = {{"name", "body"}, {"in", "body"}, {"schema", schema_2(content.begin()->at("schema"))}};
    if (body->contains("required")) parameter["required"] = true;
    parameters.push_back(std::move(parameter));
    made["consumes"] = media_types(content);
  }
  for (const json& parameter : operation.at("parameters")) parameters.push_back(parameter_2(parameter));
  made["parameters"] = std::move(parameters);
  made["produces"] =
      json::array({"application/json", "application/yaml", "application/vnd.kubernetes.protobuf"});
  made["schemes"] = json::array({"https"});
  for (auto& answer : made["responses"]) {
    answer["schema"] = schema_2(answer.at("content").begin()->at("schema"));
    answer.erase("content");
  }
  return made;
}

json path_2(const json& path) {
  json made = json::object();
  for (const auto& [key, value] : path.items()) {
    if (key == "parameters") {
      json parameters = json::array();
      for (const json& parameter : value) parameters.push_back(parameter_2(parameter));
      made[key] = std::move(parameters);
    } else {
      made[key] = operation_2(value);
    }
  }
  return made;
}

json make_document() {
  json definitions = json::object(), paths = json::object(), info;
  for (const std::string& name : openapi_paths()) {
    const json three = json::parse(openapi_document(name)->body);
    info = three.at("info");
    definitions.update(properties_2(three.at("components").at("schemas")));
    for (const auto& [path, value] : three.at("paths").items()) paths[path] = path_2(value);
  }
  return {{"swagger", "2.0"},
          {"info", std::move(info)},
          {"paths", std::move(paths)},
          {"definitions", std::move(definitions)}};
}

Document tagged(std::string body, std::string_view type) {
  Document document{.body = std::move(body), .content_type = std::string(type), .etag = {}};
  document.etag = '"' + sha512_hex(document.body) + '"';
  return document;
}

}  // namespace

const Document& openapi_v2_json() {
  static const Document document = tagged(make_document().dump(), "application/json");
  return document;
}

const Document& openapi_v2_protobuf() {
  static const Document document = tagged(gnostic_document(make_document()), gnostic_sent);
  return document;
}

bool wants_openapi_protobuf(std::string_view accept) {
  for (const AcceptClause& clause : parse_accept(accept)) {
    if (clause.type == gnostic_asked || clause.type == gnostic_sent) return true;
    if (clause.type == "application/json" || clause.type == "*/*" || clause.type == "application/*")
      return false;
  }
  return false;
}

}  // namespace csrflow::api
