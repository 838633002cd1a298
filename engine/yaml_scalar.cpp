#include "engine/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <regex>
#include <span>

namespace csrflow::engine {

namespace {

bool one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 5> null_words = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 11> true_words = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                         "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> false_words = {"n",     "N",     "no",  "No",  "NO", "false",
                                                          "False", "FALSE", "off", "Off", "OFF"};

/// Go's strconv.ParseInt with base 0 (and underscores): nothing when the text is no integer.
std::optional<std::string> integer(std::string text) {
  std::erase(text, '_');
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16, digits.remove_prefix(2);
  } else if (digits.starts_with("0b") || digits.starts_with("0B")) {
    base = 2, digits.remove_prefix(2);
  } else if (digits.starts_with("0o") || digits.starts_with("0O")) {
    base = 8, digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.front() == '0') {
    base = 8, digits.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return (negative && value != 0 ? "-" : "") + std::to_string(value);
}

bool is_float(const std::string& text) {
  static const std::regex form(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  return text.size() <= 64 && std::regex_match(text, form);
}

/// A float's text as JSON has it; whole values without a fraction, as Go prints them.
std::string json_float(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : text;
}

}  // namespace

YamlScalar plain_yaml_scalar(const std::string& text) {
  using Kind = YamlScalar::Kind;
  if (one_of(text, null_words)) return {};
  if (one_of(text, true_words)) return {.kind = Kind::boolean, .boolean = true, .text = {}};
  if (one_of(text, false_words)) return {.kind = Kind::boolean, .boolean = false, .text = {}};
  const char first = text.front();
  if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
    if (auto number = integer(text))
      return {.kind = Kind::number, .boolean = false, .text = std::move(*number)};
    if (is_float(text)) return {.kind = Kind::number, .boolean = false, .text = json_float(text)};
  }
  return {.kind = Kind::text, .boolean = false, .text = text};
}

}  // namespace csrflow::engine
