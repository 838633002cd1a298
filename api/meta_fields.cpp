#include "api/meta_fields.hpp"

#include <limits>

#include "api/managed_entries.hpp"

namespace csrflow::api {

namespace {

using engine::OwnerReference;

constexpr std::int64_t min_int64 = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t max_int64 = std::numeric_limits<std::int64_t>::max();

OwnerReference read_owner(FieldReader& reader, const JsonValue& value) {
  OwnerReference owner;
  reader.object(value, "", [&](const std::string& key, const JsonValue& field) {
    if (key == "apiVersion") return owner.api_version = reader.text(field, key), true;
    if (key == "kind") return owner.kind = reader.text(field, key), true;
    if (key == "name") return owner.name = reader.text(field, key), true;
    if (key == "uid") return owner.uid = reader.text(field, key), true;
    if (key == "controller") return owner.controller = reader.boolean(field, key), true;
    if (key == "blockOwnerDeletion") return owner.block_owner_deletion = reader.boolean(field, key), true;
    return false;
  });
  return owner;
}

}  // namespace

void read_metadata(FieldReader& reader, const JsonValue& value, SentObject& sent) {
  engine::ObjectMeta& meta = sent.meta;
  reader.object(value, "metadata", [&](const std::string& key, const JsonValue& field) {
    if (key == "name") return meta.name = reader.text(field, key), true;
    if (key == "labels") return meta.labels = reader.text_map(field, key), true;
    if (key == "annotations") return meta.annotations = reader.text_map(field, key), true;
    if (key == "generateName") return meta.generate_name = reader.text(field, key), true;
    if (key == "uid") return meta.uid.text = reader.text(field, key), true;
    if (key == "resourceVersion") return sent.resource_version = reader.text(field, key), true;
    if (key == "creationTimestamp") {
      return meta.creation = reader.time(field, key).value_or(engine::Timestamp{}), true;
    }
    if (key == "deletionTimestamp") return meta.deletion = reader.time(field, key), true;
    if (key == "generation") {
      return meta.generation = reader.integer(field, key, min_int64, max_int64, "int64").value_or(0), true;
    }
    if (key == "finalizers") return meta.finalizers = reader.texts(field, key), true;
    if (key == "ownerReferences") {
      meta.owner_references.clear();
      reader.list(field, key, "[]v1.OwnerReference",
                  [&](const JsonValue& item) { meta.owner_references.push_back(read_owner(reader, item)); });
      return true;
    }
    // Not kept for a cluster-scoped object, or the server's own to compute; only their types are looked at.
    if (key == "namespace" || key == "selfLink") return reader.text(field, key), true;
    if (key == "deletionGracePeriodSeconds")
      return reader.integer(field, key, min_int64, max_int64, "int64"), true;
    if (key == "managedFields") return meta.managed_fields = read_managed_fields(reader, field), true;
    return false;
  });
}

}  // namespace csrflow::api
