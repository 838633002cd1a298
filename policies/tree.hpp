// A parsed document: what JSON and YAML have in common, with the lines of YAML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/problem.hpp"

namespace csrflow::policies {

struct TreeMember;

struct Tree {
  enum class Kind { null, boolean, integer, number, text, list, object };
  Kind kind = Kind::null;
  std::string text;  ///< of a text; of a number and a boolean as JSON writes it
  std::vector<Tree> items;
  std::vector<TreeMember> members;
  std::size_t line = 0;  ///< from 1; 0: unknown

  /// Null when there is none of this name.
  const Tree* find(std::string_view name) const;
  std::string_view kind_name() const;  ///< `a string`, `a list` … as errors name it

  static Tree of_text(std::string value);
  static Tree of_integer(std::int64_t value);
  static Tree of_boolean(bool value);
};
struct TreeMember {
  TreeMember(std::string_view name, Tree value) : first(name), second(std::move(value)) {}
  std::string first;  ///< its name
  Tree second;
};

inline Tree Tree::of_text(std::string value) {
  return {.kind = Kind::text, .text = std::move(value)};
}
inline Tree Tree::of_integer(std::int64_t value) {
  return {.kind = Kind::integer, .text = std::to_string(value)};
}
inline Tree Tree::of_boolean(bool value) {
  return {.kind = Kind::boolean, .text = value ? "true" : "false"};
}

constexpr std::size_t max_tree_depth = 64;
constexpr std::size_t max_tree_nodes = 100'000;

std::expected<Tree, Problem> read_json_tree(std::string_view json);
/// The documents of a YAML text, up to the first that is no YAML, which is a problem, as are aliases,
/// anchors, tags and duplicate keys (E02). Plain scalars mean what they mean to kubectl. Documents without
/// content are left out.
struct YamlDocuments {
  std::vector<Tree> documents;
  Problems problems;
};
YamlDocuments read_yaml_trees(std::string_view yaml);

/// JSON without blanks; with `sorted` the members of objects by their names' bytes.
std::string json_text(const Tree&, bool sorted = false);

}  // namespace csrflow::policies
