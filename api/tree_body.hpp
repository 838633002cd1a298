// What all JSON and YAML bodies have in common.
#pragma once

#include "api/field_reader.hpp"
#include "api/media.hpp"
#include "api/resource.hpp"

namespace csrflow::api {

/// JSON or YAML; `null` and nothing but objects pass. The problem is worded for `unrecognized`.
std::expected<YamlDocument, std::string> parse_body(Format, std::string_view body);

/// apiVersion and kind, empty when absent. Throws FieldMismatch.
std::pair<std::string, std::string> type_of_tree(const JsonValue& root);

/// 400: `the object provided is unrecognized (must be of type KIND): couldn't get version/kind; …`.
Status unrecognized(std::string_view body, const std::string& problem, std::string_view kind);

/// Is this what a body of the resource may say that it is? Absent values are. Else a 400.
std::expected<void, Status> check_kind(const Resource&, const std::string& api_version,
                                       const std::string& kind);

}  // namespace csrflow::api
