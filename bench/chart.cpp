#include "bench/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace csrflow::bench {
namespace {

constexpr double left = 64, width = 680, right = 44, top = 34, height = 120, below = 34;
constexpr double panel = top + height + below;

double highest(const Chart& chart) {
  double most = 0;
  for (const auto* list : {&chart.bars, &chart.lines}) {
    for (const Series& series : *list)
      for (const double value : series.values) most = std::max(most, value);
  }
  return most > 0 ? most : 1;
}

/// The largest of 1, 2, 5 × 10^n that fits at least twice.
double step_of(double most) {
  const double power = std::pow(10, std::floor(std::log10(most)));
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power * 2 <= most) return factor * power;
  }
  return power / 2;
}

std::string text(double x, double y, const char* anchor, const std::string& words,
                 const char* colour = "#444") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", x, y,
                     anchor, colour, words);
}

std::string bars(const Series& series, double base, double scale) {
  std::string path;
  const double step = width / static_cast<double>(series.values.size());
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    if (series.values[i] <= 0) continue;
    path += fmt::format("M{:.1f} {:.1f}V{:.1f}h{:.1f}V{:.1f}z", left + step * static_cast<double>(i), base,
                        base - series.values[i] * scale, step * 0.85, base);
  }
  return fmt::format("<path d=\"{}\" fill=\"{}\"/>\n", path, series.colour);
}

std::string line(const Series& series, double base, double scale) {
  std::string points;
  const double step = width / static_cast<double>(series.values.size());
  for (std::size_t i = 0; i < series.values.size(); ++i)
    points += fmt::format("{:.1f},{:.1f} ", left + step * (static_cast<double>(i) + 0.5),
                          base - series.values[i] * scale);
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>\n", points,
                     series.colour);
}

std::string axes(const Chart& chart, double base, double most, double scale) {
  std::string out;
  const double step = step_of(most);
  for (double value = 0; value <= most; value += step) {
    const double y = base - value * scale;
    out += fmt::format("<path d=\"M{} {:.1f}h{}\" stroke=\"#ddd\"/>\n", left, y, width);
    out += text(left - 6, y + 4, "end", fmt::format("{:g}", value));
  }
  const auto gaps = static_cast<double>(std::max<std::size_t>(chart.ticks.size(), 2) - 1);
  for (std::size_t i = 0; i < chart.ticks.size(); ++i) {
    const double x = left + width * static_cast<double>(i) / gaps;
    out += fmt::format("<path d=\"M{:.1f} {:.1f}v4\" stroke=\"#888\"/>\n", x, base);
    out += text(x, base + 17, "middle", chart.ticks[i]);
  }
  return out;
}

std::string drawn(const Chart& chart, double y) {
  const double base = y + top + height, most = highest(chart), scale = height / most;
  std::string out = text(left, y + 16, "start", chart.title, "#000");
  out += axes(chart, base, most, scale);
  for (const Series& series : chart.bars) out += bars(series, base, scale);
  for (const Series& series : chart.lines) out += line(series, base, scale);
  double at = left + width;
  for (const auto* list : {&chart.lines, &chart.bars}) {
    for (const Series& series : *list) {
      if (series.name.empty()) continue;
      out += text(at, y + 16, "end", series.name, series.colour.c_str());
      at -= 8.0 * static_cast<double>(series.name.size()) + 16;
    }
  }
  out += text(left - 6, y + 16, "end", chart.unit);
  return out;
}

}  // namespace

std::string svg_of(const std::vector<Chart>& charts) {
  const double whole_width = left + width + right, whole_height = panel * static_cast<double>(charts.size());
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" "
      "height=\"{1}\" fill=\"#fff\"/>\n",
      whole_width, whole_height);
  for (std::size_t i = 0; i < charts.size(); ++i) out += drawn(charts[i], panel * static_cast<double>(i));
  return out + "</svg>\n";
}

}  // namespace csrflow::bench
