#include "engine/duration.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "engine/leading_number.hpp"

namespace csrflow::engine {
namespace {

constexpr std::array<std::pair<char, std::int64_t>, 4> units{
    {{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};

std::optional<std::int64_t> unit_seconds(char c) {
  for (const auto& [unit, seconds] : units) {
    if (unit == c) return seconds;
  }
  return std::nullopt;
}

constexpr auto duration_form = "a duration is integers with the units s, m, h or d, as 47d or 1d12h";

}  // namespace

std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  if (text.empty()) return std::unexpected(duration_form);
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    const auto unit = number && !text.empty() ? unit_seconds(text.front()) : std::nullopt;
    if (!unit) return std::unexpected(duration_form);
    text.remove_prefix(1);
    if (*number > max_duration_seconds / *unit || total + *number * *unit > max_duration_seconds)
      return std::unexpected("longer than a thousand years");
    total += *number * *unit;
  }
  return seconds(total);
}

std::string duration_text(Duration duration) {
  std::int64_t left = duration.microseconds / 1'000'000;
  if (left == 0) return "0s";
  std::string text = left < 0 ? "-" : "";
  if (left < 0) left = -left;
  for (const auto& [unit, seconds] : units) {
    if (left / seconds != 0) text += std::to_string(left / seconds) + unit;
    left %= seconds;
  }
  return text;
}

}  // namespace csrflow::engine
