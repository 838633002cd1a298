// Reads approval policies: JSON (one) or YAML (several, separated by `---`).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "engine/field_description.hpp"
#include "policies/policy.hpp"
#include "policies/problem.hpp"

namespace csrflow::policies {

/// One document. Errors are all that were found, each with its field's path; unknown fields name the nearest
/// known one. metadata may hold more than the name (an object of the API does). Never throws on input.
std::expected<PolicyPtr, Problems> read_policy_json(std::string_view json);

struct PolicyFile {
  std::vector<PolicyPtr> policies;  ///< in the file's order; those that could be read
  Problems problems;                ///< errors of the others
};
/// YAML, of which JSON is a part. Each document may have `max_document_bytes`, the file `max_policies` of
/// them. Aliases, anchors, tags and duplicate keys are errors; plain scalars are read as kubectl reads them.
PolicyFile read_policy_yaml(std::string_view yaml);

using engine::FieldDescription;
/// The fields of `spec`.
std::vector<FieldDescription> describe_spec();

}  // namespace csrflow::policies
