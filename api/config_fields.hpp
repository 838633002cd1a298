// A configuration object's fields, read from a tree.
#pragma once

#include "api/body.hpp"
#include "api/field_reader.hpp"

namespace csrflow::api {

/// Unknown and duplicate fields go to `problems`. The resource has a ConfigFormat. Throws FieldMismatch.
DecodedConfig read_config(const Resource&, const JsonValue&, std::vector<std::string>& problems);

}  // namespace csrflow::api
