#include "api/config_fields.hpp"

#include "api/config_format.hpp"
#include "api/meta_fields.hpp"

namespace csrflow::api {

DecodedConfig read_config(const Resource& resource, const JsonValue& root,
                          std::vector<std::string>& problems) {
  DecodedConfig sent;
  FieldReader reader(resource.kind);
  const auto body = resource.config->reader();
  reader.object(root, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "apiVersion") return sent.api_version = reader.text(field, key), true;
    if (key == "kind") return sent.kind = reader.text(field, key), true;
    if (key == "metadata") return read_metadata(reader, field, sent), true;
    return body->member(reader, key, field);
  });
  sent.body = body->finish();
  problems.insert(problems.end(), reader.problems.begin(), reader.problems.end());
  return sent;
}

}  // namespace csrflow::api
