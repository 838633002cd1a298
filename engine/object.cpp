#include "engine/object.hpp"

#include <algorithm>

namespace csrflow::engine {
namespace {

using MapChange = std::map<std::string, std::optional<std::string>>;

void apply_map(StringMap& map, const MapChange& change) {
  for (const auto& [key, value] : change) {
    if (value) {
      map.insert_or_assign(key, *value);
    } else {
      map.erase(key);
    }
  }
}

MapChange map_difference(const StringMap& before, const StringMap& after) {
  MapChange change;
  for (const auto& [key, value] : before) {
    if (!after.contains(key)) change.emplace(key, std::nullopt);
  }
  for (const auto& [key, value] : after) {
    const auto old = before.find(key);
    if (old == before.end() || old->second != value) change.emplace(key, value);
  }
  return change;
}

template <class T>
void apply_member(T& member, const std::optional<T>& change) {
  if (change) member = *change;
}

template <class T>
void note_difference(std::optional<T>& change, const T& before, const T& after) {
  if (before != after) change = after;
}

}  // namespace

const Condition* CsrStatus::find(std::string_view type) const {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

void apply(CsrObject& object, const ObjectChange& change) {
  apply_map(object.meta.labels, change.labels);
  apply_map(object.meta.annotations, change.annotations);
  apply_member(object.meta.generate_name, change.generate_name);
  if (change.deletion) object.meta.deletion = change.deletion;
  apply_member(object.meta.owner_references, change.owner_references);
  apply_member(object.meta.finalizers, change.finalizers);
  apply_member(object.meta.managed_fields, change.managed_fields);
  apply_member(object.status.conditions, change.conditions);
  apply_member(object.status.certificate, change.certificate);
}

ObjectChange difference(const CsrObject& before, const CsrObject& after) {
  ObjectChange change;
  change.labels = map_difference(before.meta.labels, after.meta.labels);
  change.annotations = map_difference(before.meta.annotations, after.meta.annotations);
  note_difference(change.generate_name, before.meta.generate_name, after.meta.generate_name);
  if (before.meta.deletion != after.meta.deletion) change.deletion = after.meta.deletion;
  note_difference(change.owner_references, before.meta.owner_references, after.meta.owner_references);
  note_difference(change.finalizers, before.meta.finalizers, after.meta.finalizers);
  note_difference(change.managed_fields, before.meta.managed_fields, after.meta.managed_fields);
  note_difference(change.conditions, before.status.conditions, after.status.conditions);
  note_difference(change.certificate, before.status.certificate, after.status.certificate);
  return change;
}

}  // namespace csrflow::engine
