// The JSON of a CertificateSigningRequest, in events and on the wire. Members in kube-apiserver's order;
// empty ones are left out, `status` never is; times in whole seconds, bytes in base64. A change is an RFC
// 7396 merge patch over it: what became empty is null, lists are whole. Unknown members are passed over in
// reading.
#include "engine/object_json.hpp"

#include <utility>

#include "engine/json_writer.hpp"

namespace csrflow::engine {
namespace {

// ---- writing ------------------------------------------------------------------------------------

void append_text_map(std::string& out, const StringMap& map) {
  JsonObject json(out);
  for (const auto& [key, value] : map) json.text(key, value);
}

void append_map_change(std::string& out, const std::map<std::string, std::optional<std::string>>& map) {
  JsonObject json(out);
  for (const auto& [key, value] : map) {
    if (value) {
      json.text(key, *value);
    } else {
      json.key(key) += "null";
    }
  }
}

template <class T, class Append>
void append_list(std::string& out, const std::vector<T>& list, Append append) {
  out += '[';
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i != 0) out += ',';
    append(out, list[i]);
  }
  out += ']';
}

void append_owner(std::string& out, const OwnerReference& owner) {
  JsonObject json(out);
  json.text("apiVersion", owner.api_version);
  json.text("kind", owner.kind);
  json.text("name", owner.name);
  json.text("uid", owner.uid);
  if (owner.controller) json.boolean("controller", *owner.controller);
  if (owner.block_owner_deletion) json.boolean("blockOwnerDeletion", *owner.block_owner_deletion);
}

void append_condition(std::string& out, const Condition& condition) {
  JsonObject json(out);
  json.text("type", condition.type);
  json.text("status", condition.status);
  json.text_if("reason", condition.reason);
  json.text_if("message", condition.message);
  if (condition.last_update) json.text("lastUpdateTime", rfc3339_seconds(*condition.last_update));
  if (condition.last_transition) json.text("lastTransitionTime", rfc3339_seconds(*condition.last_transition));
}

void append_spec(std::string& out, const CsrSpec& spec) {
  JsonObject json(out);
  json.base64("request", spec.request);
  json.text("signerName", spec.signer_name.text);
  if (spec.expiration_seconds) json.number("expirationSeconds", *spec.expiration_seconds);
  if (!spec.usages.empty()) json.texts("usages", spec.usages);
  json.text_if("username", spec.username);
  json.text_if("uid", spec.uid);
  if (!spec.groups.empty()) json.texts("groups", spec.groups);
  if (!spec.extra.empty()) {
    JsonObject extra(json.key("extra"));
    for (const auto& [key, values] : spec.extra) extra.texts(key, values);
  }
}

void append_metadata_change(std::string& out, const ObjectChange& change) {
  JsonObject json(out);
  if (change.generate_name) {
    if (change.generate_name->empty())
      json.key("generateName") += "null";
    else
      json.text("generateName", *change.generate_name);
  }
  if (change.deletion) {
    json.text("deletionTimestamp", rfc3339_seconds(*change.deletion));
    json.number("deletionGracePeriodSeconds", 0);
  }
  if (!change.labels.empty()) append_map_change(json.key("labels"), change.labels);
  if (!change.annotations.empty()) append_map_change(json.key("annotations"), change.annotations);
  if (change.owner_references) {
    if (change.owner_references->empty())
      json.key("ownerReferences") += "null";
    else
      append_list(json.key("ownerReferences"), *change.owner_references, append_owner);
  }
  if (change.finalizers) {
    if (change.finalizers->empty())
      json.key("finalizers") += "null";
    else
      json.texts("finalizers", *change.finalizers);
  }
  if (change.managed_fields)
    json.key("managedFields") += change.managed_fields->empty() ? "null" : *change.managed_fields;
}

void append_status_change(std::string& out, const ObjectChange& change) {
  JsonObject json(out);
  if (change.conditions) {
    if (change.conditions->empty())
      json.key("conditions") += "null";
    else
      append_list(json.key("conditions"), *change.conditions, append_condition);
  }
  if (change.certificate) {
    if (change.certificate->empty())
      json.key("certificate") += "null";
    else
      json.base64("certificate", *change.certificate);
  }
}

bool changes_status(const ObjectChange& change) {
  return change.conditions || change.certificate;
}

bool changes_metadata(const ObjectChange& change) {
  return !change.labels.empty() || !change.annotations.empty() || change.generate_name || change.deletion ||
         change.owner_references || change.finalizers || change.managed_fields;
}

// ---- reading ------------------------------------------------------------------------------------

Timestamp read_time(JsonReader& in) {
  const auto time = parse_rfc3339(in.text());
  if (!time) in.fail("a time " + time.error());
  return *time;
}

Bytes read_base64(JsonReader& in) {
  auto bytes = decode_base64(in.text());
  if (!bytes) in.fail(bytes.error());
  return *std::move(bytes);
}

std::int32_t read_int32(JsonReader& in) {
  const std::int64_t value = in.integer();
  if (!std::in_range<std::int32_t>(value)) in.fail("expected an integer of 32 bits");
  return static_cast<std::int32_t>(value);
}

OwnerReference read_owner(JsonReader& in) {
  OwnerReference owner;
  in.object([&](std::string_view key) {
    if (key == "apiVersion")
      owner.api_version = in.text();
    else if (key == "kind")
      owner.kind = in.text();
    else if (key == "name")
      owner.name = in.text();
    else if (key == "uid")
      owner.uid = in.text();
    else if (key == "controller")
      owner.controller = in.boolean();
    else if (key == "blockOwnerDeletion")
      owner.block_owner_deletion = in.boolean();
  });
  return owner;
}

Condition read_condition(JsonReader& in) {
  Condition condition;
  in.object([&](std::string_view key) {
    if (key == "type")
      condition.type = in.text();
    else if (key == "status")
      condition.status = in.text();
    else if (key == "reason")
      condition.reason = in.text();
    else if (key == "message")
      condition.message = in.text();
    else if (key == "lastUpdateTime")
      condition.last_update = read_time(in);
    else if (key == "lastTransitionTime")
      condition.last_transition = read_time(in);
  });
  return condition;
}

template <class T>
std::vector<T> read_list(JsonReader& in, T (*read)(JsonReader&)) {
  std::vector<T> list;
  in.array([&] { list.push_back(read(in)); });
  return list;
}

ObjectMeta read_metadata(JsonReader& in) {
  ObjectMeta meta;
  in.object([&](std::string_view key) {
    if (key == "name")
      meta.name = in.text();
    else if (key == "generateName")
      meta.generate_name = in.text();
    else if (key == "uid")
      meta.uid.text = in.text();
    else if (key == "generation")
      meta.generation = in.integer();
    else if (key == "creationTimestamp")
      meta.creation = read_time(in);
    else if (key == "deletionTimestamp")
      meta.deletion = read_time(in);
    else if (key == "labels")
      meta.labels = in.text_map();
    else if (key == "annotations")
      meta.annotations = in.text_map();
    else if (key == "ownerReferences")
      meta.owner_references = read_list(in, read_owner);
    else if (key == "finalizers")
      meta.finalizers = in.texts();
    else if (key == "managedFields")
      meta.managed_fields = in.raw();
  });
  if (meta.name.empty() || meta.uid.text.empty()) in.fail("`metadata` has no name or uid");
  return meta;
}

CsrSpec read_spec(JsonReader& in) {
  CsrSpec spec;
  in.object([&](std::string_view key) {
    if (key == "request")
      spec.request = read_base64(in);
    else if (key == "signerName")
      spec.signer_name.text = in.text();
    else if (key == "expirationSeconds")
      spec.expiration_seconds = read_int32(in);
    else if (key == "usages")
      spec.usages = in.texts();
    else if (key == "username")
      spec.username = in.text();
    else if (key == "uid")
      spec.uid = in.text();
    else if (key == "groups")
      spec.groups = in.texts();
    else if (key == "extra")
      spec.extra = in.texts_map();
  });
  return spec;
}

CsrStatus read_status(JsonReader& in) {
  CsrStatus status;
  in.object([&](std::string_view key) {
    if (key == "conditions")
      status.conditions = read_list(in, read_condition);
    else if (key == "certificate")
      status.certificate = read_base64(in);
  });
  return status;
}

std::map<std::string, std::optional<std::string>> read_map_change(JsonReader& in) {
  std::map<std::string, std::optional<std::string>> change;
  in.object([&](std::string_view key) {
    std::optional<std::string>& value = change[std::string(key)];
    if (!in.null()) value = in.text();
  });
  return change;
}

/// What a patch sets: null = empty.
template <class T, class Read>
std::optional<T> read_change(JsonReader& in, Read read) {
  return in.null() ? T{} : T(read(in));
}

void read_metadata_change(JsonReader& in, ObjectChange& change) {
  using Text = std::string;
  in.object([&](std::string_view key) {
    if (key == "generateName")
      change.generate_name = read_change<Text>(in, [](auto& r) { return r.text(); });
    else if (key == "deletionTimestamp")
      change.deletion = read_time(in);
    else if (key == "labels")
      change.labels = read_map_change(in);
    else if (key == "annotations")
      change.annotations = read_map_change(in);
    else if (key == "ownerReferences")
      change.owner_references =
          read_change<std::vector<OwnerReference>>(in, [](auto& r) { return read_list(r, read_owner); });
    else if (key == "finalizers")
      change.finalizers = read_change<std::vector<std::string>>(in, [](auto& r) { return r.texts(); });
    else if (key == "managedFields")
      change.managed_fields = read_change<Text>(in, [](auto& r) { return r.raw(); });
  });
}

void read_status_change(JsonReader& in, ObjectChange& change) {
  in.object([&](std::string_view key) {
    if (key == "conditions")
      change.conditions =
          read_change<std::vector<Condition>>(in, [](auto& r) { return read_list(r, read_condition); });
    else if (key == "certificate")
      change.certificate = read_change<Bytes>(in, read_base64);
  });
}

}  // namespace

std::string spec_json(const CsrSpec& spec) {
  std::string out;
  out.reserve(spec.request.size() * 4 / 3 + 512);
  append_spec(out, spec);
  return out;
}

void append_metadata_json(std::string& out, const ObjectMeta& meta, Position resource_version) {
  JsonObject json(out);
  json.text_if("name", meta.name);
  json.text_if("generateName", meta.generate_name);
  json.text_if("uid", meta.uid.text);
  if (resource_version.value != 0) json.text("resourceVersion", std::to_string(resource_version.value));
  if (meta.generation != 0) json.number("generation", meta.generation);
  if (meta.creation != Timestamp{}) json.text("creationTimestamp", rfc3339_seconds(meta.creation));
  if (meta.deletion) {
    json.text("deletionTimestamp", rfc3339_seconds(*meta.deletion));
    json.number("deletionGracePeriodSeconds", 0);
  }
  if (!meta.labels.empty()) append_text_map(json.key("labels"), meta.labels);
  if (!meta.annotations.empty()) append_text_map(json.key("annotations"), meta.annotations);
  if (!meta.owner_references.empty())
    append_list(json.key("ownerReferences"), meta.owner_references, append_owner);
  if (!meta.finalizers.empty()) json.texts("finalizers", meta.finalizers);
  if (!meta.managed_fields.empty()) json.key("managedFields") += meta.managed_fields;
}

void append_status_json(std::string& out, const CsrStatus& status) {
  JsonObject json(out);
  if (!status.conditions.empty()) append_list(json.key("conditions"), status.conditions, append_condition);
  if (!status.certificate.empty()) json.base64("certificate", status.certificate);
}

std::string object_tail(const CsrObject& object, Position resource_version) {
  return object_tail(object, spec_json(*object.spec), resource_version);
}

std::string object_tail(const CsrObject& object, std::string_view spec, Position resource_version) {
  std::string out;
  out.reserve(spec.size() + object.meta.managed_fields.size() + object.status.certificate.size() * 4 / 3 +
              1024);
  out += R"("metadata":)";
  append_metadata_json(out, object.meta, resource_version);
  out += R"(,"spec":)";
  out += spec;
  out += R"(,"status":)";
  append_status_json(out, object.status);
  out += '}';
  return out;
}

std::string object_tail(const ConfigObject& object, Position resource_version) {
  std::string out;
  out.reserve(object.body->size() + object.meta.managed_fields.size() + 512);
  out += R"("metadata":)";
  append_metadata_json(out, object.meta, resource_version);
  const std::string_view members = std::string_view(*object.body).substr(1);
  if (members != "}") out += ',';
  return out += members;
}

void append_change_json(std::string& out, const ObjectChange& change) {
  JsonObject json(out);
  if (changes_metadata(change)) append_metadata_change(json.key("metadata"), change);
  if (changes_status(change)) append_status_change(json.key("status"), change);
}

CsrObject object_from_json(JsonReader& in) {
  CsrObject object;
  in.object([&](std::string_view key) {
    if (key == "metadata")
      object.meta = read_metadata(in);
    else if (key == "spec")
      object.spec = std::make_shared<const CsrSpec>(read_spec(in));
    else if (key == "status")
      object.status = read_status(in);
  });
  if (object.meta.name.empty()) in.fail("`metadata` is missing");
  if (!object.spec) in.fail("`spec` is missing");
  return object;
}

ConfigObject config_object_from_json(JsonReader& in) {
  ConfigObject object;
  std::string body;
  {
    JsonObject members(body);
    in.object([&](std::string_view key) {
      if (key == "metadata")
        object.meta = read_metadata(in);
      else
        members.key(key) += in.raw();
    });
  }
  if (object.meta.name.empty()) in.fail("`metadata` is missing");
  object.body = std::make_shared<const std::string>(std::move(body));
  return object;
}

ObjectChange change_from_json(JsonReader& in) {
  ObjectChange change;
  in.object([&](std::string_view key) {
    if (key == "metadata")
      read_metadata_change(in, change);
    else if (key == "status")
      read_status_change(in, change);
  });
  return change;
}

}  // namespace csrflow::engine
