// Documents and vectors of the source tree.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "policies/document.hpp"
#include "policies/tree.hpp"

namespace csrflow::policies::test {

inline std::string file_text(const std::string& path) {
  std::ifstream file(SOURCE_ROOT "/" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path);
  return text.str();
}

inline Tree vectors(const std::string& name) {
  auto tree = read_json_tree(file_text("tests/policies/vectors/" + name));
  if (!tree) throw std::runtime_error(tree.error().text);
  return std::move(*tree);
}

inline const std::string& text_of(const Tree& tree, std::string_view name) {
  static const std::string none;
  const Tree* found = tree.find(name);
  return found == nullptr ? none : found->text;
}

/// The one policy of a YAML text.
inline PolicyPtr policy_of(const std::string& yaml) {
  PolicyFile file = read_policy_yaml(yaml);
  if (!file.problems.empty()) throw std::runtime_error(sentence(file.problems.front()));
  return file.policies.at(0);
}
inline PolicyPtr example(const std::string& name) {
  return policy_of(file_text("policies/examples/" + name + ".yaml"));
}

}  // namespace csrflow::policies::test
