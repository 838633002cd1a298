// What the values of a rotation policy's fields are, and what must hold between them.
#include <charconv>

#include "engine/overloaded.hpp"
#include "policies/rotation_fields.hpp"

namespace csrflow::policies {
namespace {

constexpr std::size_t fraction_places = 6;
constexpr std::int64_t max_rate_a_second = 1'000'000;
constexpr Duration least_wait = engine::seconds(1), longest_base = engine::seconds(86'400),
                   longest_cap = engine::seconds(31 * 86'400);
constexpr std::string_view plain_keys[] = {"P-256", "P-384", "P-521", "Ed25519"};

bool digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `RSA-3072`
bool is_key(std::string_view text) {
  if (std::ranges::find(plain_keys, text) != std::end(plain_keys)) return true;
  constexpr std::string_view rsa = "RSA-";
  if (!text.starts_with(rsa)) return false;
  std::int64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data() + rsa.size(), text.data() + text.size(), bits);
  return error == std::errc() && end == text.data() + text.size() && bits >= 2'048 && bits <= 16'384;
}

}  // namespace

std::expected<std::int64_t, std::string> parse_millionths(std::string_view number) {
  constexpr auto form = "must be a number as 0.6, with at most six places";
  // JSON writes small numbers as 5e-05.
  int exponent = 0;
  if (const auto e = number.find_first_of("eE"); e != std::string_view::npos) {
    const std::string_view power = number.substr(e + 1);
    if (std::from_chars(power.data(), power.data() + power.size(), exponent).ec != std::errc() ||
        exponent > 0 || exponent < -static_cast<int>(fraction_places))
      return std::unexpected(form);
    number = number.substr(0, e);
  }
  const auto point = number.find('.');
  const std::string_view whole_part = number.substr(0, point);
  const std::string_view places =
      point == std::string_view::npos ? std::string_view() : number.substr(point + 1);
  const std::size_t shift = fraction_places - static_cast<std::size_t>(-exponent);
  if (whole_part.empty() || whole_part.size() > 6 || !digits(whole_part) || !digits(places) ||
      places.size() > shift)
    return std::unexpected(form);
  std::string text = std::string(whole_part) + std::string(places) + std::string(shift - places.size(), '0');
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string millionths_text(std::int64_t value) {
  std::string places = std::to_string(whole + value % whole).substr(1);
  while (!places.empty() && places.back() == '0') places.pop_back();
  return std::to_string(value / whole) + (places.empty() ? "" : "." + places);
}

void Codec<Fraction>::read(Reading& reading, const Tree& tree, const Fraction& fraction) {
  if (tree.kind != Tree::Kind::integer && tree.kind != Tree::Kind::number)
    return reading.wrong_kind(tree, "a number as 0.6");
  const auto value = parse_millionths(tree.text);
  if (!value) return reading.fail("E14", value.error());
  if (*value <= 0 || *value > fraction.most)
    return reading.fail("E14", "must be above 0 and at most " + millionths_text(fraction.most));
  fraction.value = static_cast<std::int32_t>(*value);
}
Tree Codec<Fraction>::write(const Fraction& fraction) {
  return {.kind = Tree::Kind::number, .text = millionths_text(fraction.value)};
}

void Codec<Cap>::read(Reading& reading, const Tree& tree, const Cap& cap) {
  Rate rate;
  const std::size_t before = reading.failures();
  Codec<Rate>::read(reading, tree, rate);
  if (reading.failures() != before) return;
  if (rate.limit < 1) return reading.fail("E14", "must be at least 1; mode: none rotates nothing");
  if (rate.limit > rate.period.microseconds / 1'000'000 * max_rate_a_second)
    return reading.fail("E14", "must be at most 1000000/s");
  cap.value = {.limit = rate.limit, .period = rate.period, .burst = std::min(rate.limit, cap.most_burst)};
}
Tree Codec<Cap>::write(const Cap& cap) {
  return Codec<Rate>::write({cap.value.limit, cap.value.period});
}

void check_rule(const Reading& reading, const engine::WindowRule& rule) {
  if (rule.from >= rule.to)
    reading.fail("E07",
                 "from " + millionths_text(rule.from) + " is not before to " + millionths_text(rule.to));
}
void check_before(const Reading& reading, const engine::BeforeExpiry& before) {
  if (before.from <= before.to)
    reading.fail("E07", "from must be longer before the end than to: as from 30d, to 20d");
}
void check_outside(const Reading& reading, const engine::Window& window) {
  if (window.end <= window.start) reading.fail("E07", "end must be after start");
}
void check_retry(const Reading& reading, const engine::RetryRule& retry) {
  if (retry.base < least_wait || retry.base > longest_base) reading.fail("E14", "must be 1s to 1d", ".base");
  if (retry.cap < retry.base || retry.cap > longest_cap) reading.fail("E07", "must be base to 31d", ".cap");
}

void check_rotation(const Reading& reading, const RotationPolicy& policy) {
  const engine::RotationRules& rules = policy.rules;
  if (policy.description.size() > max_description_bytes)
    reading.fail("E14", "longer than " + std::to_string(max_description_bytes) + " bytes", ".description");
  for (const auto& [list, field] : {std::pair{&rules.blackouts, ".blackouts"},
                                    std::pair{rules.allow ? &*rules.allow : nullptr, ".allow"}}) {
    if (list != nullptr && list->size() > max_calendar_windows)
      reading.fail("E14", "more than " + std::to_string(max_calendar_windows) + " windows", field);
  }
  if (rules.allow && rules.allow->empty())
    reading.fail("E06", "no window at all; leave the field out, or say mode: none", ".allow");
  const bool canaries = !policy.canary.match_labels.empty() || !policy.canary.match_expressions.empty();
  if (const auto* rule = std::get_if<engine::WindowRule>(&rules.when);
      rule && canaries && rules.canary_lead >= rule->from)
    reading.fail("E07", "must be less than when.fraction.from: canaries would rotate at once",
                 ".canary.lead");
  for (std::size_t i = 0; i < policy.key_upgrade.size(); ++i) {
    if (!is_key(policy.key_upgrade[i]))
      reading.fail(
          "E14",
          policy.key_upgrade[i] + ": must be P-256, P-384, P-521, Ed25519, or RSA and its bits, as RSA-3072",
          ".keyUpgrade[" + std::to_string(i) + ']');
  }
}

}  // namespace csrflow::policies
