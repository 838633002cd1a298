// What fields an object has and how they merge, taken out of its resource's OpenAPI schema
// (x-kubernetes-list-type, x-kubernetes-list-map-keys, x-kubernetes-map-type).
#pragma once

#include <map>
#include <nlohmann/json.hpp>

#include "api/resource.hpp"

namespace csrflow::api {

struct FieldType;

/// A declared field of a map.
struct DeclaredField {
  const FieldType* type = nullptr;
  nlohmann::json default_value;  ///< null when there is none
};

/// Types may contain themselves; they are owned by their schema.
struct FieldType {
  enum class Kind {
    text,
    number,
    boolean,
    scalar,  ///< any of the three
    list,
    map,
    any  ///< whatever: nothing is known of it, and it is owned as a whole
  };
  Kind kind = Kind::any;
  bool atomic = false;  ///< lists and maps: owned as a whole
  /// Lists that are not atomic: what identifies an item; empty: the item itself (a set).
  std::vector<std::string> keys;
  std::map<std::string, DeclaredField, std::less<>> fields;
  /// Of a list's items, or of a map's fields that are not declared; null when a map has declared ones only.
  const FieldType* element = nullptr;

  const DeclaredField* field(std::string_view name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? nullptr : &found->second;
  }
};

/// The type of the resource's objects. Made at the first question; thread-safe. Throws std::runtime_error
/// when the resource's schemas lack one that they refer to.
const FieldType& field_type(const Resource&);

}  // namespace csrflow::api
