// metadata.managedFields, as far as csrflow's own writes add to it.
#pragma once

#include "engine/object.hpp"

namespace csrflow::engine {

/// Notes that csrflow wrote these fields (FieldsV1, as JSON) through the status subresource. Nothing where
/// nobody began to keep managedFields.
void note_own_fields(ObjectChange&, const ObjectMeta&, std::string_view fields, Timestamp now);

/// FieldsV1 of a certificate, and of an annotation beside it when `annotation` is not empty.
std::string certificate_fields(std::string_view annotation);
/// FieldsV1 of a condition that joins others.
std::string condition_fields(std::string_view type);

}  // namespace csrflow::engine
