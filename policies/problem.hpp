// What is wrong with a document, or looks wrong: found when it is read, by lint, or by its cases.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace csrflow::policies {

struct Problem {
  /// `E…` refuses the document, `W…` warns; docs/policies.md lists them.
  std::string code;
  std::string policy;    ///< metadata.name; empty when the document has none
  std::string path;      ///< the field, as `spec.require.names.dns.allowed[2]`; empty: the whole document
  std::string text;      ///< what, and what to do
  std::size_t line = 0;  ///< of the YAML text, from 1; 0: unknown

  bool refuses() const { return code.starts_with('E'); }
};
using Problems = std::vector<Problem>;

/// `web: spec.outcome: E10 …` and the line, if it is known.
std::string sentence(const Problem&);

}  // namespace csrflow::policies
