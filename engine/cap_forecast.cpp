#include "engine/cap_forecast.hpp"

#include <vector>

#include "engine/rate_span.hpp"

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
  CapForecast forecast{.last_begins = now};
  std::int64_t rank = 0;
  for (const WaitingEnd& one : order) {
    ++rank;
    const std::int64_t behind_burst = std::max<std::int64_t>(0, rank - cap.burst);
    forecast.last_begins = now + time_for(static_cast<std::uint64_t>(behind_burst), cap);
    const Timestamp latest = latest_begin(one);
    if (forecast.last_begins > latest) {
      ++forecast.too_late;
      if (!forecast.first_too_late) forecast.first_too_late = one.not_after;
    }
    if (latest < now || (latest == now && behind_burst > 0))
      ++forecast.late_already;
    else if (behind_burst > 0)
      forecast.enough =
          std::max(forecast.enough, limit_of(cap.period, (latest - now).microseconds / behind_burst));
  }
  return forecast;
}

}  // namespace csrflow::engine
