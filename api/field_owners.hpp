// The entries of managedFields as values.
#pragma once

#include <map>
#include <optional>

#include "api/field_set.hpp"
#include "engine/types.hpp"

namespace csrflow::api {

/// What one manager owns through one kind of operation.
struct FieldOwner {
  std::string manager;
  bool applied = false;  ///< operation `Apply`, else `Update`
  std::string api_version;
  std::string subresource;
  std::optional<engine::Timestamp> time;
  FieldSet fields;

  /// JSON of what tells owners apart. An applier is the same in every version.
  std::string identifier() const;
  /// `"m" with subresource "status" using certificates.k8s.io/v1`, as conflicts name it.
  std::string text() const;
};
/// By identifier.
using FieldOwners = std::map<std::string, FieldOwner>;

/// Reads managedFields; says what is wrong with them.
std::expected<FieldOwners, std::string> read_owners(std::string_view managed_fields);
/// The array; empty without owners. Appliers first, each kind by time, then by name.
std::string owners_json(const FieldOwners&);

}  // namespace csrflow::api
