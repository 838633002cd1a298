// OpenAPI 2.0 in gnostic's protobuf form, which kubectl prefers over JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace csrflow::api {

/// The bytes of an openapi.v2.Document (gnostic-models openapiv2/OpenAPIv2.proto). Knows the members that
/// csrflow's own documents have; throws nlohmann's exception when one of them has another form.
std::string gnostic_document(const nlohmann::json& swagger);

}  // namespace csrflow::api
