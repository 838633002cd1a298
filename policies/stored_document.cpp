#include "policies/stored_document.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::policies {

std::string document_of(const engine::ConfigObject& object, std::string_view kind) {
  std::string text = R"({"apiVersion":"csrflow.io/v1","kind":)";
  engine::append_json_string(text, kind);
  text += R"(,"metadata":{"name":)";
  engine::append_json_string(text, object.meta.name);
  text += '}';
  if (object.body->size() > 2) text += ',';
  return text += std::string_view(*object.body).substr(1);
}

}  // namespace csrflow::policies
