// What all JSON and YAML bodies have in common.
#pragma once

#include "api/field_reader.hpp"
#include "api/media.hpp"
#include "api/query.hpp"
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

/// Why something of this kind cannot be one of the resource's objects; nothing when it can.
std::optional<std::string> unfit_kind(const Resource&, const std::string& api_version,
                                      const std::string& kind);
/// `strict decoding error: …`
std::string strict_decoding_error(const std::vector<std::string>& problems);

/// A body of the resource, opened: it is JSON or YAML, and says of itself nothing else. Else a 400.
std::expected<YamlDocument, Status> open_body(const Resource&, Format, std::string_view body);

/// 400: `KIND in version "v1" cannot be handled as a KIND: why`.
Status unfit_body(const Resource&, const std::string& why);

/// What was noticed of a body's fields: the texts of Warning headers, or a 400 in strict mode.
std::expected<std::vector<std::string>, Status> judge_fields(const Resource&,
                                                             const std::vector<std::string>& duplicate_keys,
                                                             const std::vector<std::string>& problems,
                                                             FieldValidation);

/// Reads the object of a tree; unknown and duplicate fields go to the list. Throws FieldMismatch.
template <class T>
using ReadTree = std::function<T(const JsonValue&, std::vector<std::string>& problems)>;

/// The object of a JSON or YAML body, with its warnings, or a 400.
template <class T>
std::expected<T, Status> decode_tree(const Resource& resource, Format format, std::string_view body,
                                     FieldValidation validation, const ReadTree<T>& read) {
  const auto tree = open_body(resource, format, body);
  if (!tree) return std::unexpected(tree.error());
  try {
    std::vector<std::string> problems;
    T object = read(tree->value, problems);
    auto warnings = judge_fields(resource, tree->duplicates, problems, validation);
    if (!warnings) return std::unexpected(warnings.error());
    object.warnings = std::move(*warnings);
    return object;
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(unfit_body(resource, mismatch.message));
  }
}

}  // namespace csrflow::api
