#include "api/config_managed.hpp"

#include <nlohmann/json.hpp>

#include "engine/object_json.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

json whole(const FieldWrite& write, const engine::ConfigObject& object, engine::Position version) {
  engine::ObjectMeta meta = object.meta;
  meta.managed_fields.clear();
  std::string metadata;
  engine::append_metadata_json(metadata, meta, version);
  json document = json::parse(*object.body);
  document["apiVersion"] = write.resource.api_version();
  document["kind"] = write.resource.kind;
  document["metadata"] = json::parse(metadata);
  return document;
}

}  // namespace

std::string managed_on_create(const FieldWrite& write, const engine::ConfigObject& object,
                              const std::string& sent_fields) {
  return fields_after_create(write, whole(write, object, {}), sent_fields);
}

void take_managed_fields(const engine::ConfigObject& live, engine::ConfigObject& updated,
                         std::string managed_fields) {
  if (updated == live && same_but_for_times(live.meta.managed_fields, managed_fields)) return;
  updated.meta.managed_fields = std::move(managed_fields);
}

void manage(const FieldWrite& write, const engine::ConfigObject& live, engine::ConfigObject& updated,
            const std::string& sent_fields) {
  const std::string& before = live.meta.managed_fields;
  std::string after;
  if (tracks_fields(write, before, sent_fields))
    after =
        fields_after_update(write, whole(write, live, {}), before, whole(write, updated, {}), sent_fields);
  take_managed_fields(live, updated, std::move(after));
}

std::expected<Applied, Status> apply_to_config(const FieldWrite& write, const engine::ConfigObject* live,
                                               engine::Position version, const std::string& configuration,
                                               bool force) {
  std::optional<json> before;
  if (live) before = whole(write, *live, version);
  auto applied = apply_configuration(write, before, live ? live->meta.managed_fields : std::string(),
                                     json::parse(configuration), force);
  if (applied && applied->object.empty()) applied->object = before->dump();
  return applied;
}

}  // namespace csrflow::api
