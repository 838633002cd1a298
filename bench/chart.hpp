// Plain charts as SVG, one below the other, for documents.
#pragma once

#include <string>
#include <vector>

namespace csrflow::bench {

struct Series {
  std::string name;  ///< empty: not in the legend
  std::string colour;
  std::vector<double> values;  ///< evenly spaced over the chart's width
};
struct Chart {
  std::string title;
  std::vector<std::string> ticks;  ///< evenly spaced below, the first at the left edge, the last at the right
  std::string unit;                ///< of the values
  std::vector<Series> bars, lines;
};

std::string svg_of(const std::vector<Chart>&);

}  // namespace csrflow::bench
