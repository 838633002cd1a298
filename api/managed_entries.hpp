// metadata.managedFields as a client sends it.
#pragma once

#include <span>

#include "api/field_reader.hpp"

namespace csrflow::api {

/// The list as JSON text, its entries without empty members; empty for null. What FieldsV1 says is not looked
/// at. Throws FieldMismatch.
std::string read_managed_fields(FieldReader&, const JsonValue&);

/// One entry; empty members are missing in JSON.
struct ManagedEntry {
  std::string manager, operation, api_version, time, fields_type;
  std::string fields;  ///< FieldsV1 as JSON
  std::string subresource;
};
std::vector<ManagedEntry> managed_entries(const std::string& json);
std::string managed_json(std::span<const ManagedEntry>);

/// The value as JSON text, members in their order.
void append_value(std::string& out, const JsonValue&);

}  // namespace csrflow::api
