#include "engine/managed_fields.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::engine {

void note_own_fields(ObjectChange& change, const ObjectMeta& meta, std::string_view fields, Timestamp now) {
  if (meta.managed_fields.empty()) return;
  // The newest entry of an Update is the last one.
  std::string all = meta.managed_fields;
  all.back() = ',';
  {
    JsonObject entry(all);
    entry.text("manager", "csrflow");
    entry.text("operation", "Update");
    entry.text("apiVersion", "certificates.k8s.io/v1");
    entry.text("time", rfc3339_seconds(now));
    entry.text("fieldsType", "FieldsV1");
    entry.key("fieldsV1") += fields;
    entry.text("subresource", "status");
  }
  change.managed_fields = all + ']';
}

std::string certificate_fields(std::string_view annotation) {
  std::string out = "{";
  if (!annotation.empty()) {
    out += R"("f:metadata":{"f:annotations":{)";
    append_json_string(out, "f:" + std::string(annotation));
    out += ":{}}},";
  }
  return out + R"("f:status":{"f:certificate":{}}})";
}

std::string condition_fields(std::string_view type) {
  std::string key = R"(k:{"type":)";
  append_json_string(key, type);
  std::string out = R"({"f:status":{"f:conditions":{)";
  append_json_string(out, key + '}');
  return out + R"(:{".":{},"f:lastTransitionTime":{},"f:lastUpdateTime":{},"f:message":{},"f:reason":{},)"
               R"("f:status":{},"f:type":{}}}}})";
}

}  // namespace csrflow::engine
