// Durations and rates as policies write them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::policies {

/// Integers with a unit `s`, `m`, `h` or `d` (86,400 s), summed: `1d12h`. At most `max_duration_seconds`.
std::expected<engine::Duration, std::string> parse_duration(std::string_view text);
constexpr std::int64_t max_duration_seconds = 1000LL * 366 * 86'400;
/// The same from d to s, zeros left out: `47d1s`; fractions of a second are cut.
std::string duration_text(engine::Duration);

/// `20/h`: at most so many within the period.
struct Rate {
  std::int64_t limit = 0;
  engine::Duration period;
  bool operator==(const Rate&) const = default;
};
std::expected<Rate, std::string> parse_rate(std::string_view text);
std::string rate_text(const Rate&);

}  // namespace csrflow::policies
