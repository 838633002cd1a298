#include "signer/duration.hpp"

#include <algorithm>

namespace csrflow::signer {
namespace {

using engine::Duration;
using engine::Timestamp;

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr Unit units[] = {{"ns", 1},
                          {"us", 1'000},
                          {"µs", 1'000},
                          {"ms", 1'000'000},
                          {"s", 1'000'000'000},
                          {"m", 60'000'000'000},
                          {"h", 3'600'000'000'000}};
constexpr std::int64_t max_nanoseconds = max_signing_duration.microseconds * 1'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes one `1.5h` off the text; nanoseconds.
std::optional<std::int64_t> take_part(std::string_view& text) {
  std::int64_t whole = 0, fraction = 0, scale = 1;
  std::size_t at = 0, digits = 0;
  for (; at < text.size() && is_digit(text[at]); ++at, ++digits) {
    whole = whole * 10 + (text[at] - '0');
    if (whole > max_nanoseconds) return std::nullopt;
  }
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at, ++digits) {
      constexpr std::int64_t finest = 100'000'000;  // further digits are below a microsecond, even of hours
      if (scale >= finest) continue;
      fraction = fraction * 10 + (text[at] - '0');
      scale *= 10;
    }
  }
  const auto unit_end = std::ranges::find_if(text.substr(at), [](char c) { return is_digit(c) || c == '.'; });
  const auto name = text.substr(at, static_cast<std::size_t>(unit_end - text.substr(at).begin()));
  const auto unit = std::ranges::find(units, name, &Unit::name);
  if (digits == 0 || unit == std::end(units) || whole > max_nanoseconds / unit->nanoseconds)
    return std::nullopt;
  text.remove_prefix(at + name.size());
  return whole * unit->nanoseconds + fraction * (unit->nanoseconds / scale) +
         fraction * (unit->nanoseconds % scale) / scale;
}

}  // namespace

std::expected<Duration, std::string> parse_duration(std::string_view text) {
  const auto refused = [&](const char* why) {
    return std::unexpected("duration \"" + std::string(text) + "\" " + why);
  };
  std::int64_t nanoseconds = 0;
  for (auto rest = text; !rest.empty();) {
    const auto part = take_part(rest);
    if (!part) return refused("is not understood; write 8760h, 90m or 1h30m, at most 876000h");
    nanoseconds += *part;
    if (nanoseconds > max_nanoseconds) return refused("is too long; at most 876000h");
  }
  if (nanoseconds < 1'000) return refused("must be more than zero");
  return Duration{nanoseconds / 1'000};
}

Duration SigningDurations::maximum(const engine::SignerName& signer) const {
  const auto own = by_signer.find(signer);
  return own == by_signer.end() ? standard : own->second;
}

Duration granted_lifetime(Duration maximum, std::optional<std::int32_t> expiration_seconds) {
  if (!expiration_seconds) return maximum;
  const Duration asked = engine::seconds(*expiration_seconds);
  if (asked > maximum) return maximum;
  return std::max(asked, min_requested_lifetime);
}

std::expected<Validity, std::string> validity(Timestamp now, Duration lifetime,
                                              Timestamp authority_not_after) {
  const Timestamp second = now.cut_to_seconds();
  const auto end = [&] { return "NotAfter=" + engine::rfc3339_seconds(authority_not_after); };
  const Timestamp not_before = second - backdating;
  if (not_before >= authority_not_after) return std::unexpected("the signer has expired: " + end());
  if (second >= authority_not_after)
    return std::unexpected("refusing to sign a certificate that expired in the past: " + end());
  const Timestamp not_after =
      (lifetime < short_lifetime ? second + lifetime : second + lifetime - backdating).cut_to_seconds();
  return Validity{not_before, std::min(not_after, authority_not_after)};
}

}  // namespace csrflow::signer
