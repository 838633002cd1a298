// Maintenance and blackout windows as people write them, and the intervals of UTC that they stand for.
#pragma once

#include <variant>

#include "engine/intervals.hpp"

namespace csrflow::engine {

/// The same wall times on some days of the week.
struct WeeklyWindow {
  TimeZone zone;
  TimeWindow window;
};
/// Whole local days, both ends included.
struct DatedWindow {
  TimeZone zone;
  Day first, last;
};
/// An Interval is two instants.
using CalendarWindow = std::variant<WeeklyWindow, DatedWindow, Interval>;
using Calendar = std::vector<CalendarWindow>;

/// What of `range` is in any of the windows. An interval is a pair of wall times: `from` takes the first and
/// `to` the second occurrence of a doubled hour, and a wall time in a skipped one is the instant of the jump.
/// Weekly windows are followed for `max_calendar_days`; later there are none.
Intervals intervals_of(const Calendar&, Interval range);
constexpr std::int32_t max_calendar_days = 36'600;

}  // namespace csrflow::engine
