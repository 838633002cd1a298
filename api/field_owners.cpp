// managedFields is an array of entries {manager, operation, apiVersion, time, fieldsType, fieldsV1,
// subresource}, empty members left out.
#include "api/field_owners.hpp"

#include <algorithm>
#include <tuple>

#include "api/status.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;

constexpr std::string_view fields_type = "FieldsV1";

std::expected<FieldOwner, std::string> read_owner(const json& entry) {
  const auto text = [&](const char* name) {
    const auto at = entry.find(name);
    return at != entry.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  if (!entry.is_object()) return std::unexpected("an entry is no object");
  const std::string operation = text("operation");
  FieldOwner owner{.manager = text("manager"),
                   .applied = operation == "Apply",
                   .api_version = text("apiVersion"),
                   .subresource = text("subresource"),
                   .time = std::nullopt,
                   .fields = {}};
  if (!owner.applied && operation != "Update")
    return std::unexpected("operation must be `Apply` or `Update`");
  if (owner.api_version.empty()) return std::unexpected("apiVersion must not be empty");
  if (text("fieldsType") != fields_type) return std::unexpected("fieldsType must be FieldsV1");
  if (const auto time = engine::parse_rfc3339(text("time"))) owner.time = *time;
  if (const auto fields = entry.find("fieldsV1"); fields != entry.end()) {
    auto set = field_set_from_json(*fields);
    if (!set) return std::unexpected(set.error());
    owner.fields = std::move(*set);
  }
  return owner;
}

std::int64_t seconds_of(const FieldOwner& owner) {
  return owner.time ? owner.time->whole_seconds() : 0;
}

}  // namespace

std::string FieldOwner::identifier() const {
  std::string out;
  {
    engine::JsonObject object(out);
    object.text_if("manager", manager);
    object.text("operation", applied ? "Apply" : "Update");
    if (!applied) object.text_if("apiVersion", api_version);
    object.text_if("subresource", subresource);
  }
  return out;
}

std::string FieldOwner::text() const {
  std::string out = go_quote(manager);
  if (!subresource.empty()) out += " with subresource " + go_quote(subresource);
  return applied ? out : out + " using " + api_version;
}

std::expected<FieldOwners, std::string> read_owners(std::string_view managed_fields) {
  FieldOwners owners;
  if (managed_fields.empty()) return owners;
  const json entries = json::parse(managed_fields, nullptr, /*allow_exceptions=*/false);
  if (!entries.is_array()) return std::unexpected("no list");
  for (const json& entry : entries) {
    auto owner = read_owner(entry);
    if (!owner) return std::unexpected(owner.error());
    auto identifier = owner->identifier();
    owners.insert_or_assign(std::move(identifier), std::move(*owner));
  }
  return owners;
}

std::string owners_json(const FieldOwners& owners) {
  if (owners.empty()) return {};
  std::vector<const FieldOwner*> sorted;
  for (const auto& [identifier, owner] : owners) sorted.push_back(&owner);
  std::ranges::sort(sorted, {}, [](const FieldOwner* owner) {
    return std::tuple(!owner->applied, seconds_of(*owner), std::string_view(owner->manager),
                      std::string_view(owner->api_version), std::string_view(owner->subresource));
  });
  std::string out = "[";
  for (const FieldOwner* owner : sorted) {
    if (out.size() > 1) out += ',';
    engine::JsonObject object(out);
    object.text_if("manager", owner->manager);
    object.text("operation", owner->applied ? "Apply" : "Update");
    object.text("apiVersion", owner->api_version);
    if (owner->time) object.text("time", engine::rfc3339_seconds(*owner->time));
    object.text("fieldsType", fields_type);
    object.key("fieldsV1") += owner->fields.json();
    object.text_if("subresource", owner->subresource);
  }
  return out + ']';
}

}  // namespace csrflow::api
