// Format: protobuf messages of gnostic's openapi.v2 package. The numbers below are its field numbers:
//
//   Document        1 swagger, 2 info, 8 paths, 9 definitions
//   Info            1 title, 2 version
//   Paths           2 path* {1 name, 2 value: PathItem}
//   PathItem        2 get, 3 put, 4 post, 5 delete, 7 patch: Operation; 9 parameters*
//   Operation       5 operationId, 6 produces*, 7 consumes*, 8 parameters*, 9 responses, 10 schemes*, 13 x-*
//   ParametersItem  1 parameter {1 body | 2 other {3 query | 4 path}}
//   body            2 name, 3 in, 4 required, 5 schema
//   query           1 required, 2 in, 3 description, 4 name, 6 type, 20 uniqueItems
//   path            1 required, 2 in, 3 description, 4 name, 5 type, 19 uniqueItems
//   Responses       1 code* {1 name, 2 value {1 response {1 description, 2 schema {1 schema}}}}
//   Schema          1 $ref, 2 format, 4 description, 19 required*, 21 additionalProperties {1 schema},
//                   22 type {1 value*}, 23 items {1 schema*}, 25 properties {1 property* {1 name, 2 value}},
//                   31 x-*
//   x-* (NamedAny)  1 name, 2 value {2 yaml}
#include "api/gnostic.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "api/proto_message.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

/// With fields out of JSON members, where they are.
class Message : public ProtoMessage {
 public:
  void text_of(unsigned number, const json& object, const char* key) {
    if (const auto found = object.find(key); found != object.end()) text(number, found->get<std::string>());
  }
  void texts_of(unsigned number, const json& object, const char* key) {
    if (const auto found = object.find(key); found != object.end()) {
      for (const json& value : *found) text(number, value.get<std::string>());
    }
  }
  void flag_of(unsigned number, const json& object, const char* key) {
    if (const auto found = object.find(key); found != object.end()) flag(number, found->get<bool>());
  }
};

Message only(unsigned number, const Message& inner) {
  Message outer;
  outer.message(number, inner);
  return outer;
}

Message named(const std::string& name, const Message& value) {
  Message made;
  made.text(1, name);
  made.message(2, value);
  return made;
}

/// Every `x-…` member.
void add_extensions(Message& message, unsigned number, const json& object) {
  for (const auto& [key, value] : object.items()) {
    if (!key.starts_with("x-")) continue;
    Message any;
    any.text(2, value.dump() + '\n');
    message.message(number, named(key, any));
  }
}

Message schema_message(const json& schema) {
  Message made;
  made.text_of(1, schema, "$ref");
  made.text_of(2, schema, "format");
  made.text_of(4, schema, "description");
  made.texts_of(19, schema, "required");
  if (const auto further = schema.find("additionalProperties"); further != schema.end())
    made.message(21, only(1, schema_message(*further)));
  if (const auto type = schema.find("type"); type != schema.end()) {
    Message types;
    types.text(1, type->get<std::string>());
    made.message(22, types);
  }
  if (const auto items = schema.find("items"); items != schema.end())
    made.message(23, only(1, schema_message(*items)));
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    Message all;
    for (const auto& [name, value] : properties->items()) all.message(1, named(name, schema_message(value)));
    made.message(25, all);
  }
  add_extensions(made, 31, schema);
  return made;
}

Message parameter_message(const json& parameter) {
  const auto& in = parameter.at("in").get_ref<const std::string&>();
  Message made;
  if (in == "body") {
    made.text_of(2, parameter, "name");
    made.text(3, in);
    made.flag_of(4, parameter, "required");
    made.message(5, schema_message(parameter.at("schema")));
    return only(1, only(1, made));
  }
  const bool query = in == "query";
  made.flag_of(1, parameter, "required");
  made.text(2, in);
  made.text_of(3, parameter, "description");
  made.text_of(4, parameter, "name");
  made.text_of(query ? 6 : 5, parameter, "type");
  made.flag_of(query ? 20 : 19, parameter, "uniqueItems");
  return only(1, only(2, only(query ? 3 : 4, made)));
}

Message operation_message(const json& operation) {
  Message made;
  made.text_of(5, operation, "operationId");
  made.texts_of(6, operation, "produces");
  made.texts_of(7, operation, "consumes");
  for (const json& parameter : operation.at("parameters")) made.message(8, parameter_message(parameter));
  Message responses;
  for (const auto& [code, answer] : operation.at("responses").items()) {
    Message response;
    response.text_of(1, answer, "description");
    response.message(2, only(1, schema_message(answer.at("schema"))));
    responses.message(1, named(code, only(1, response)));
  }
  made.message(9, responses);
  made.texts_of(10, operation, "schemes");
  add_extensions(made, 13, operation);
  return made;
}

Message path_message(const json& path) {
  static constexpr std::array<std::pair<const char*, unsigned>, 5> methods = {
      {{"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 7}}};
  Message made;
  for (const auto& [method, number] : methods) {
    if (const auto found = path.find(method); found != path.end())
      made.message(number, operation_message(*found));
  }
  if (const auto parameters = path.find("parameters"); parameters != path.end()) {
    for (const json& parameter : *parameters) made.message(9, parameter_message(parameter));
  }
  return made;
}

}  // namespace

std::string gnostic_document(const json& swagger) {
  Message document, info, paths, definitions;
  document.text_of(1, swagger, "swagger");
  info.text_of(1, swagger.at("info"), "title");
  info.text_of(2, swagger.at("info"), "version");
  document.message(2, info);
  for (const auto& [name, path] : swagger.at("paths").items())
    paths.message(2, named(name, path_message(path)));
  document.message(8, paths);
  for (const auto& [name, schema] : swagger.at("definitions").items())
    definitions.message(1, named(name, schema_message(schema)));
  document.message(9, definitions);
  return document.bytes();
}

}  // namespace csrflow::api
