// The fields of a document that people write, as OpenAPI and `kubectl explain` show them.
#pragma once

#include <string>
#include <vector>

namespace csrflow::engine {

struct FieldDescription {
  std::string name;
  std::string type;  ///< string, integer, number, boolean, object, array of …, map of …
  std::string description;
  std::vector<std::string> choices;
  std::vector<FieldDescription> fields;  ///< of an object, or of an array's elements
};

/// What is wrong with a field.
struct FieldProblem {
  std::string path;  ///< `spec.lifetime.max`
  std::string text;  ///< what, and what to do
  bool operator==(const FieldProblem&) const = default;
};
using FieldProblems = std::vector<FieldProblem>;

}  // namespace csrflow::engine
