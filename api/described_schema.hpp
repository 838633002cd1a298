// OpenAPI schemas of kinds whose fields are described where they are read.
#pragma once

#include <span>
#include <string>

#include "engine/field_description.hpp"

namespace csrflow::api {

/// `io.csrflow.v1.<kind>` and its list, as schemas.hpp has them: a JSON object, schema name → schema. `spec`
/// are the fields of the object's spec.
std::string described_schemas(const std::string& kind, const std::string& description,
                              std::span<const engine::FieldDescription> spec);

}  // namespace csrflow::api
