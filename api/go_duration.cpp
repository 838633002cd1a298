#include "api/go_duration.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace csrflow::api {
namespace {

constexpr std::uint64_t most = std::uint64_t{1} << 63;  // -2^63 ns is a duration, 2^63 ns is none

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};
constexpr std::array units{Unit{"ns", 1},
                           Unit{"us", 1'000},
                           Unit{"\u00b5s", 1'000},  // micro sign
                           Unit{"\u03bcs", 1'000},  // Greek letter mu
                           Unit{"ms", 1'000'000},
                           Unit{"s", 1'000'000'000},
                           Unit{"m", 60'000'000'000},
                           Unit{"h", 3'600'000'000'000}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The package's own quoting, which knows less than %q.
std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < ' ' || byte >= 0x80) {
      out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

/// Digits, taken off the front; nothing when they are more than 2^63.
std::optional<std::uint64_t> leading_number(std::string_view& text) {
  std::uint64_t number = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    if (number > most / 10) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(text.front() - '0');
    if (number > most) return std::nullopt;
  }
  return number;
}

struct Fraction {
  std::uint64_t digits = 0;
  double scale = 1;
};
/// Digits that no longer matter are dropped.
Fraction leading_fraction(std::string_view& text) {
  Fraction fraction;
  bool full = false;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
    full = full || fraction.digits > (most - 1) / 10;
    if (full) continue;
    const auto next = fraction.digits * 10 + static_cast<std::uint64_t>(text.front() - '0');
    full = next > most;
    if (full) continue;
    fraction.digits = next;
    fraction.scale *= 10;
  }
  return fraction;
}

}  // namespace

std::expected<std::int64_t, std::string> parse_go_duration(std::string_view whole) {
  const auto invalid = [&] { return std::unexpected("time: invalid duration " + quoted(whole)); };
  auto text = whole;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return invalid();
  std::uint64_t total = 0;
  while (!text.empty()) {
    const auto before = text.size();
    const auto number = leading_number(text);
    if (!number) return invalid();
    bool digits = text.size() != before;
    Fraction fraction;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      const auto rest = text.size();
      fraction = leading_fraction(text);
      digits = digits || text.size() != rest;
    }
    if (!digits) return invalid();
    const auto name = text.substr(0, text.find_first_of("0123456789."));
    if (name.empty()) return std::unexpected("time: missing unit in duration " + quoted(whole));
    const auto unit = std::ranges::find(units, name, &Unit::name);
    if (unit == units.end())
      return std::unexpected("time: unknown unit " + quoted(name) + " in duration " + quoted(whole));
    text.remove_prefix(name.size());
    if (*number > most / unit->nanoseconds) return invalid();
    total += *number * unit->nanoseconds;
    if (fraction.digits > 0)
      total += static_cast<std::uint64_t>(static_cast<double>(fraction.digits) *
                                          (static_cast<double>(unit->nanoseconds) / fraction.scale));
    if (total > most) return invalid();
  }
  if (negative) return static_cast<std::int64_t>(~total + 1);
  if (total == most) return invalid();
  return static_cast<std::int64_t>(total);
}

}  // namespace csrflow::api
