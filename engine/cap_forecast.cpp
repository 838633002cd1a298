#include "engine/cap_forecast.hpp"

#include <vector>

namespace csrflow::engine {
namespace {

constexpr std::int64_t reserved_share = 20;  // of the lifetime

Timestamp latest_begin(const WaitingEnd& waiting) {
  return waiting.not_after - Duration{waiting.lifetime.microseconds / reserved_share};
}

/// The least limit of the period that is `spacing` microseconds apart at most; at most one a microsecond.
std::int64_t limit_of(Duration period, std::int64_t spacing) {
  const std::int64_t apart = std::max<std::int64_t>(1, spacing);
  return std::max<std::int64_t>(1, (period.microseconds + apart - 1) / apart);
}

}  // namespace

CapForecast cap_forecast(std::span<const WaitingEnd> waiting, const RateCap& cap, Timestamp now) {
  std::vector<WaitingEnd> order(waiting.begin(), waiting.end());
  std::ranges::sort(order, {}, &WaitingEnd::not_after);
  RateLimiter limiter(cap, now);
  CapForecast forecast{.last_begins = now};
  std::int64_t rank = 0;
  for (const WaitingEnd& one : order) {
    forecast.last_begins = limiter.take(now);
    ++rank;
    const Timestamp latest = latest_begin(one);
    if (forecast.last_begins > latest) {
      ++forecast.too_late;
      if (!forecast.first_too_late) forecast.first_too_late = one.not_after;
    }
    // Within the burst all begin at once.
    const bool in_burst = rank <= cap.burst;
    if (latest < now || (latest == now && !in_burst))
      ++forecast.late_already;
    else if (!in_burst)
      forecast.enough =
          std::max(forecast.enough, limit_of(cap.period, (latest - now).microseconds / (rank - cap.burst)));
  }
  return forecast;
}

}  // namespace csrflow::engine
