// The kinds' fields as JSON objects: schema name → OpenAPI 3.0 schema. The descriptions are those of
// Kubernetes' API types (k8s.io/api and k8s.io/apimachinery 0.35, Apache License 2.0) word for word, since
// `kubectl explain` prints them.
#pragma once

#include <string_view>

namespace csrflow::api {

extern const std::string_view csr_schemas;
extern const std::string_view trust_bundle_schemas;
extern const std::string_view namespace_schemas;
extern const std::string_view core_event_schemas;
extern const std::string_view event_schemas;
extern const std::string_view rbac_schemas;
extern const std::string_view self_subject_review_schemas;
extern const std::string_view token_review_schemas;
extern const std::string_view self_subject_access_review_schemas;
/// ObjectMeta, ListMeta and what they are made of: part of every document.
extern const std::string_view meta_schemas;

}  // namespace csrflow::api
