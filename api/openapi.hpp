// OpenAPI 3.0 documents, one a group and version, and the one OpenAPI 2.0 document made of them: what kubectl
// needs to validate, explain and patch.
#pragma once

#include "api/discovery.hpp"

namespace csrflow::api {

/// GET /openapi/v3: paths with their hashes.
std::string openapi_index_json();

/// GET /openapi/v3/<path>, `path` as in the index (`apis/certificates.k8s.io/v1`); null when there is none.
/// The ETag's text without quotes is the hash in the index: with `?hash=` equal to it the answer may be kept
/// for a year, with another one it is a 301 to `openapi_url`.
const Document* openapi_document(std::string_view path);
std::string openapi_url(std::string_view path);
/// Every path of the index, sorted.
std::vector<std::string> openapi_paths();

// GET /openapi/v2: everything in one document, as JSON and in gnostic's protobuf form.
const Document& openapi_v2_json();
const Document& openapi_v2_protobuf();
/// Does the client ask for the protobuf form?
bool wants_openapi_protobuf(std::string_view accept);

}  // namespace csrflow::api
