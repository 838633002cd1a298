#include "bench/figure_table.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace csrflow::bench {
namespace {

/// With three digits that count, more before the point.
std::string number(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  std::array<char, 64> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
  return {text.data(), end.ptr};
}

}  // namespace

void FigureTable::add(const std::string& what, double value, const std::string& unit,
                      const std::string& beside, double bound) {
  if (beside.empty())
    rows_.add({what, number(value), unit, "", "", ""});
  else
    rows_.add({what, number(value), unit, beside, number(bound), bound > 0 ? number(value / bound) : ""});
}

}  // namespace csrflow::bench
