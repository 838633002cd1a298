// How long many take under a cap.
#pragma once

#include <algorithm>

#include "engine/millionths.hpp"
#include "engine/rate_limit.hpp"

namespace csrflow::engine {

/// Longer than anything that is waited for: a thousand years.
constexpr Duration forever = seconds(1'000LL * 366 * 86'400);

/// From one to the next; at least a microsecond.
constexpr Duration spacing_of(const RateCap& cap) {
  return {std::max<std::int64_t>(1, cap.period.microseconds / cap.limit)};
}
/// So many, without a burst; at most `forever`.
constexpr Duration time_for(std::uint64_t count, const RateCap& cap) {
  const Wide time = static_cast<Wide>(spacing_of(cap).microseconds) * count;
  return {static_cast<std::int64_t>(std::min(time, static_cast<Wide>(forever.microseconds)))};
}

}  // namespace csrflow::engine
