// Lengths of time as people write them in documents: `47d`, `1d12h`.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::engine {

/// Integers with a unit `s`, `m`, `h` or `d` (86,400 s), summed: `1d12h`. At most `max_duration_seconds`.
std::expected<Duration, std::string> parse_duration(std::string_view text);
constexpr std::int64_t max_duration_seconds = 1000LL * 366 * 86'400;
/// The same from d to s, zeros left out: `47d1s`; fractions of a second are cut.
std::string duration_text(Duration);

}  // namespace csrflow::engine
