// metadata of any object, read from a tree.
#pragma once

#include "api/body.hpp"
#include "api/field_reader.hpp"

namespace csrflow::api {

/// Into `sent.meta` and `sent.resource_version`. Throws FieldMismatch.
void read_metadata(FieldReader&, const JsonValue&, SentObject& sent);

}  // namespace csrflow::api
