// The kinds' fields as JSON objects: schema name → OpenAPI 3.0 schema.
#pragma once

#include <string_view>

namespace csrflow::api {

extern const std::string_view csr_schemas;
extern const std::string_view self_subject_review_schemas;
extern const std::string_view self_subject_access_review_schemas;
/// ObjectMeta, ListMeta and what they are made of: part of every document.
extern const std::string_view meta_schemas;

}  // namespace csrflow::api
