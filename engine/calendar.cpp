#include "engine/calendar.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

constexpr unsigned day_minutes = 1440;

Intervals weekly(const WeeklyWindow& weekly, Interval range) {
  // A window of the day before may reach over midnight; and a zone may skip a whole day.
  constexpr std::int32_t around = 2;
  const Day first{weekly.zone.local(range.from).day.number - around};
  const std::int32_t last =
      std::min(weekly.zone.local(range.to).day.number + around, first.number + max_calendar_days);
  return intervals(weekly.zone, weekly.window, first, Day{last});
}

}  // namespace

Intervals intervals_of(const Calendar& calendar, Interval range) {
  if (range.to <= range.from) return {};
  Intervals all;
  for (const CalendarWindow& window : calendar) {
    std::visit(overloaded{
                   [&](const WeeklyWindow& w) {
                     const Intervals found = weekly(w, range);
                     all.insert(all.end(), found.begin(), found.end());
                   },
                   [&](const DatedWindow& d) {
                     all.push_back({d.zone.first(d.first, 0), d.zone.second(d.last, day_minutes)});
                   },
                   [&](const Interval& instants) { all.push_back(instants); },
               },
               window);
  }
  return within(united(std::move(all)), range);
}

}  // namespace csrflow::engine
