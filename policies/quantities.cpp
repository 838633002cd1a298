#include "policies/quantities.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace csrflow::policies {
namespace {

constexpr std::array<std::pair<char, std::int64_t>, 4> units{
    {{'d', 86'400}, {'h', 3'600}, {'m', 60}, {'s', 1}}};

std::optional<std::int64_t> unit_seconds(char c) {
  for (const auto& [unit, seconds] : units) {
    if (unit == c) return seconds;
  }
  return std::nullopt;
}

/// Takes digits from the front; nothing when there are none or too many.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

constexpr auto duration_form = "a duration is integers with the units s, m, h or d, as 47d or 1d12h";
constexpr auto rate_form = "a rate is a number and a period of s, m, h or d, as 20/h";

}  // namespace

std::expected<engine::Duration, std::string> parse_duration(std::string_view text) {
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
  return engine::seconds(total);
}

std::string duration_text(engine::Duration duration) {
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

std::expected<Rate, std::string> parse_rate(std::string_view text) {
  const auto limit = take_number(text);
  if (!limit || text.size() < 2 || text.front() != '/') return std::unexpected(rate_form);
  text.remove_prefix(1);
  const auto unit = unit_seconds(text.front());
  if (text.size() == 1 && unit) return Rate{*limit, engine::seconds(*unit)};
  const auto period = parse_duration(text);
  if (!period || period->microseconds == 0) return std::unexpected(rate_form);
  return Rate{*limit, *period};
}

std::string rate_text(const Rate& rate) {
  const std::string period = duration_text(rate.period);
  return std::to_string(rate.limit) + '/' +
         (period.starts_with('1') && period.size() == 2 ? period.substr(1) : period);
}

}  // namespace csrflow::policies
