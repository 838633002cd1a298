// metadata.managedFields as a client sends it.
#pragma once

#include "api/field_reader.hpp"

namespace csrflow::api {

/// The list as JSON text, its entries without empty members; empty for null. What FieldsV1 says is not looked
/// at. Throws FieldMismatch.
std::string read_managed_fields(FieldReader&, const JsonValue&);

/// The value as JSON text, members in their order.
void append_value(std::string& out, const JsonValue&);

}  // namespace csrflow::api
