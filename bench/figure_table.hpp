// Figures, each beside what it is compared with in the same run.
#pragma once

#include <string>

#include "tools/table_text.hpp"

namespace csrflow::bench {

class FigureTable {
 public:
  /// `beside`: what the second number is. The last column is the first number divided by the second.
  void add(const std::string& what, double value, const std::string& unit, const std::string& beside = {},
           double bound = 0);
  std::string text() const { return rows_.text(); }

 private:
  tools::TableText rows_{{"FIGURE", "MEASURED", "", "BESIDE", "", "RATIO"}};
};

}  // namespace csrflow::bench
