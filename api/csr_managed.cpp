#include "api/csr_managed.hpp"

#include <nlohmann/json.hpp>

#include "api/csr_fields.hpp"
#include "api/managed_entries.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

/// Kubernetes' type always has the times of a condition: null when they are not set.
void add_unset_times(json& status) {
  const auto conditions = status.find("conditions");
  if (conditions == status.end()) return;
  for (json& condition : *conditions) {
    condition.emplace("lastUpdateTime", nullptr);
    condition.emplace("lastTransitionTime", nullptr);
  }
}

json metadata_json(const engine::ObjectMeta& meta) {
  engine::ObjectMeta shown = meta;
  shown.managed_fields.clear();
  std::string out;
  engine::append_metadata_json(out, shown, {});
  return json::parse(out);
}

/// What of the object a write of this endpoint can change and own.
json changeable_part(const FieldWrite& write, const engine::ObjectMeta& meta,
                     const engine::CsrStatus& status) {
  json object = {{"metadata", metadata_json(meta)}};
  if (write.subresource.empty()) return object;
  std::string text;
  engine::append_status_json(text, status);
  json& part = object["status"] = json::parse(text);
  part.erase(write.subresource == "approval" ? "certificate" : "conditions");
  add_unset_times(part);
  return object;
}

json whole(const FieldWrite& write, const engine::CsrObject& object, engine::Position version) {
  engine::CsrObject shown = object;
  shown.meta.managed_fields.clear();
  json document = json::parse(write.resource.object_head() + engine::object_tail(shown, version));
  add_unset_times(document["status"]);
  return document;
}

std::string kind_of(const FieldWrite& write) {
  return write.resource.api_version() + ", Kind=" + write.resource.kind;
}

std::expected<DecodedCsr, Status> decode_merged(const FieldWrite& write, const std::string& merged) {
  const auto tree = parse_json(merged);
  std::string problem;
  try {
    std::vector<std::string> unknown;
    if (tree) return read_csr(*tree, unknown);
    problem = tree.error();
  } catch (const FieldMismatch& mismatch) {
    problem = mismatch.message;
  }
  const json object = json::parse(merged);
  const json::json_pointer place("/metadata/name");
  const std::string name = object.contains(place) ? object.value(place, "") : "";
  return std::unexpected(
      status::plain_error("failed to convert new object (/" + name + "; " + kind_of(write) +
                          ") to proper version (" + write.resource.api_version() +
                          "): unable to convert unstructured object to " + kind_of(write) + ": " + problem));
}

DecodedCsr as_sent(const engine::CsrObject& object) {
  DecodedCsr sent;
  sent.meta = object.meta;
  sent.status = object.status;
  return sent;
}

}  // namespace

std::string managed_on_create(const FieldWrite& write, const engine::CsrObject& object,
                              const std::string& sent_fields) {
  const engine::ObjectMeta& meta = object.meta;
  const bool nothing = meta.labels.empty() && meta.annotations.empty() && meta.finalizers.empty() &&
                       meta.owner_references.empty() && meta.generate_name.empty();
  if (nothing && sent_fields.empty()) return {};
  return fields_after_create(write, changeable_part(write, meta, {}), sent_fields);
}

std::string managed_on_update(const FieldWrite& write, const engine::CsrObject& live,
                              const DecodedCsr& sent) {
  if (!tracks_fields(write, live.meta.managed_fields, sent.meta.managed_fields)) return {};
  return fields_after_update(write, changeable_part(write, live.meta, live.status), live.meta.managed_fields,
                             changeable_part(write, sent.meta, sent.status), sent.meta.managed_fields);
}

void manage(PreparedUpdate& update, const engine::CsrObject& live, std::string managed_fields) {
  const std::string& before = live.meta.managed_fields;
  if (managed_fields == before) return;
  if (update.change.empty() && same_but_for_times(before, managed_fields)) return;
  update.object.meta.managed_fields = managed_fields;
  update.change.managed_fields = std::move(managed_fields);
}

std::expected<Configuration, Status> read_configuration(const std::string& body) {
  const auto unreadable = [](const std::string& why) {
    return std::unexpected(status::bad_request("error decoding YAML: " + why));
  };
  const auto document = parse_yaml(body);
  if (!document) return unreadable("error converting YAML to JSON: " + document.error());
  const JsonValue& root = document->value;
  Configuration configuration{.json = {}, .duplicates = document->duplicates};
  if (root.kind == JsonValue::Kind::null) {
    configuration.json = "{}";
  } else if (root.kind == JsonValue::Kind::object) {
    append_value(configuration.json, root);
    // A number may be beyond what can be held.
    if (!json::accept(configuration.json)) return unreadable("error converting YAML to JSON: no JSON value");
  } else {
    return unreadable("error unmarshaling JSON: while decoding JSON: json: cannot unmarshal " +
                      std::string(root.kind_name()) + " into Go value of type map[string]interface {}");
  }
  return configuration;
}

std::expected<AppliedCsr, Status> apply_to_csr(const FieldWrite& write, const engine::CsrObject* live,
                                               engine::Position version, const std::string& configuration,
                                               bool force) {
  const json wanted = json::parse(configuration);
  std::optional<json> before;
  if (live) before = whole(write, *live, version);
  auto applied =
      apply_configuration(write, before, live ? live->meta.managed_fields : std::string(), wanted, force);
  if (!applied) return std::unexpected(applied.error());
  if (applied->object.empty() && live) return AppliedCsr{as_sent(*live), std::move(applied->managed_fields)};
  auto object = decode_merged(write, applied->object);
  if (!object) return std::unexpected(object.error());
  return AppliedCsr{std::move(*object), std::move(applied->managed_fields)};
}

}  // namespace csrflow::api
