#include "api/managed_entries.hpp"

#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

ManagedEntry read_entry(FieldReader& reader, const JsonValue& value) {
  ManagedEntry entry;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "manager") return entry.manager = reader.text(field, key), true;
    if (key == "operation") return entry.operation = reader.text(field, key), true;
    if (key == "apiVersion") return entry.api_version = reader.text(field, key), true;
    if (key == "fieldsType") return entry.fields_type = reader.text(field, key), true;
    if (key == "subresource") return entry.subresource = reader.text(field, key), true;
    if (key == "time") {
      const auto time = reader.time(field, key);
      return entry.time = time ? engine::rfc3339_seconds(*time) : std::string(), true;
    }
    if (key == "fieldsV1") {
      entry.fields.clear();
      if (field.kind != JsonValue::Kind::null) append_value(entry.fields, field);
      return true;
    }
    return false;
  });
  return entry;
}

void append_entry(std::string& out, const ManagedEntry& entry) {
  engine::JsonObject object(out);
  object.text_if("manager", entry.manager);
  object.text_if("operation", entry.operation);
  object.text_if("apiVersion", entry.api_version);
  object.text_if("time", entry.time);
  object.text_if("fieldsType", entry.fields_type);
  if (!entry.fields.empty()) object.key("fieldsV1") += entry.fields;
  object.text_if("subresource", entry.subresource);
}

}  // namespace

void append_value(std::string& out, const JsonValue& value) {
  using Kind = JsonValue::Kind;
  switch (value.kind) {
    case Kind::null:
      out += "null";
      break;
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      break;
    case Kind::number:
      out += value.text;
      break;
    case Kind::text:
      engine::append_json_string(out, value.text);
      break;
    case Kind::list:
      out += '[';
      for (const JsonValue& item : value.items) {
        if (&item != &value.items.front()) out += ',';
        append_value(out, item);
      }
      out += ']';
      break;
    case Kind::object: {
      engine::JsonObject object(out);
      for (const JsonMember& member : value.members) append_value(object.key(member.key), member.value);
    }
  }
}

std::vector<ManagedEntry> managed_entries(const std::string& json) {
  std::vector<ManagedEntry> entries;
  const auto list = parse_json(json);
  if (!list) return entries;
  FieldReader reader("ManagedFieldsEntry");
  for (const JsonValue& item : list->items) entries.push_back(read_entry(reader, item));
  return entries;
}

std::string managed_json(std::span<const ManagedEntry> entries) {
  std::string out = "[";
  for (const ManagedEntry& entry : entries) {
    if (out.size() > 1) out += ',';
    append_entry(out, entry);
  }
  return out + ']';
}

std::string read_managed_fields(FieldReader& reader, const JsonValue& value) {
  if (value.kind == JsonValue::Kind::null) return {};
  std::vector<ManagedEntry> entries;
  reader.list(value, "managedFields", "[]v1.ManagedFieldsEntry",
              [&](const JsonValue& item) { entries.push_back(read_entry(reader, item)); });
  return managed_json(entries);
}

}  // namespace csrflow::api
