#include "engine/time_windows.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

namespace csrflow::engine {
namespace {

using std::chrono::minutes;

constexpr unsigned day_minutes = 1440;
constexpr std::array<std::string_view, 7> day_names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

Timestamp timestamp(date::sys_seconds instant) {
  return from_seconds(instant.time_since_epoch().count());
}
date::local_seconds local_seconds(Day day, unsigned minute) {
  return date::local_days(date::days(day.number)) + minutes(minute);
}

/// When the wall shows it: in a skipped hour the jump, of a doubled one the first or the second occurrence.
Timestamp instant(const date::time_zone& zone, Day day, unsigned minute, bool second) {
  const auto wall = local_seconds(day, minute);
  const date::local_info info = zone.get_info(wall);
  if (info.result == date::local_info::nonexistent) return timestamp(info.first.end);
  const auto offset =
      info.result == date::local_info::ambiguous && second ? info.second.offset : info.first.offset;
  return from_seconds(wall.time_since_epoch().count() - offset.count());
}

std::optional<unsigned> two_digits(std::string_view text) {
  if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
    return std::nullopt;
  return static_cast<unsigned>((text[0] - '0') * 10 + (text[1] - '0'));
}

/// `08:00` as minutes; at most 24:00.
std::optional<unsigned> minute_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2)), minute = two_digits(text.substr(3));
  if (!hour || !minute || *minute > 59 || *hour * 60 + *minute > day_minutes) return std::nullopt;
  return *hour * 60 + *minute;
}

std::string minute_text(unsigned minute) {
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minute / 60) + ':' + two(minute % 60);
}

std::optional<std::size_t> day_index(std::string_view name) {
  const auto found = std::ranges::find(day_names, name);
  if (found == day_names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - day_names.begin());
}

/// `Mon-Fri,Sun` as bits.
std::optional<std::uint8_t> days_of(std::string_view text) {
  unsigned days = 0;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const auto dash = part.find('-');
    const auto from = day_index(part.substr(0, dash));
    const auto to = dash == std::string_view::npos ? from : day_index(part.substr(dash + 1));
    if (!from || !to) return std::nullopt;
    for (std::size_t day = *from;; day = (day + 1) % 7) {
      days |= 1u << day;
      if (day == *to) break;
    }
    if (comma == std::string_view::npos) return static_cast<std::uint8_t>(days);
    text.remove_prefix(comma + 1);
  }
}

std::string days_text(std::uint8_t days) {
  std::string text;
  for (std::size_t day = 0; day < 7; ++day) {
    if ((days >> day & 1) == 0) continue;
    std::size_t last = day;
    while (last < 6 && (days >> (last + 1) & 1) != 0) ++last;
    if (!text.empty()) text += ',';
    text += day_names[day];
    if (last > day) text += (last == day + 1 ? ',' : '-') + std::string(day_names[last]);
    day = last;
  }
  return text;
}

Interval interval(const TimeZone& zone, const TimeWindow& window, Day day) {
  const bool next_day = window.to <= window.from;
  return {zone.first(day, window.from), zone.second(day, window.to + (next_day ? day_minutes : 0))};
}

Day plus(Day day, int days) {
  return {day.number + days};
}

}  // namespace

std::expected<Day, std::string> parse_day(std::string_view text) {
  constexpr auto form = "a day is written as 2026-12-24";
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::unexpected(form);
  const auto century = two_digits(text.substr(0, 2)), year = two_digits(text.substr(2, 2)),
             month = two_digits(text.substr(5, 2)), day = two_digits(text.substr(8, 2));
  if (!century || !year || !month || !day) return std::unexpected(form);
  const date::year_month_day date{date::year(static_cast<int>(*century * 100 + *year)), date::month(*month),
                                  date::day(*day)};
  if (!date.ok()) return std::unexpected("there is no day " + std::string(text));
  return Day{static_cast<std::int32_t>(date::sys_days(date).time_since_epoch().count())};
}

std::string day_text(Day day) {
  return rfc3339_seconds(from_seconds(std::int64_t{day.number} * 86'400)).substr(0, 10);
}

unsigned weekday(Day day) {
  return static_cast<unsigned>(((day.number + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
}

std::expected<TimeZone, std::string> TimeZone::find(std::string_view name) {
  try {
    TimeZone found;
    found.zone_ = date::locate_zone(std::string(name));
    found.name_ = name;
    return found;
  } catch (const std::runtime_error&) {
    return std::unexpected("the tz database has no zone " + std::string(name));
  }
}

LocalTime TimeZone::local(Timestamp t) const {
  const date::sys_seconds instant{
      std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds(t.microseconds))};
  const auto wall = zone_->to_local(instant);
  const auto day = date::floor<date::days>(wall);
  return {{static_cast<std::int32_t>(day.time_since_epoch().count())},
          static_cast<unsigned>(std::chrono::floor<minutes>(wall - day).count())};
}

Timestamp TimeZone::first(Day day, unsigned minute) const {
  return instant(*zone_, day, minute, false);
}
Timestamp TimeZone::second(Day day, unsigned minute) const {
  return instant(*zone_, day, minute, true);
}

std::string time_zone_version() {
  static const std::string version = [] {
    std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
    std::string line;
    std::getline(file, line);
    constexpr std::string_view start = "# version ";
    return line.starts_with(start) ? line.substr(start.size()) : "unknown";
  }();
  return version;
}

std::expected<TimeWindow, std::string> parse_time_window(std::string_view text) {
  const auto bad = [] { return std::unexpected(std::string("a window is written as Mon-Fri 08:00-18:00")); };
  TimeWindow window{.days = 0x7f};
  const auto blank = text.rfind(' ');
  if (blank != std::string_view::npos) {
    const auto days = days_of(text.substr(0, blank));
    if (!days) return bad();
    window.days = *days;
  }
  const std::string_view times = blank == std::string_view::npos ? text : text.substr(blank + 1);
  if (times.size() != 11 || times[5] != '-') return bad();
  const auto from = minute_of(times.substr(0, 5)), to = minute_of(times.substr(6));
  if (!from || !to || *from == day_minutes) return bad();
  if (*from == *to) return std::unexpected("the window is empty; a whole day is 00:00-24:00");
  window.from = *from;
  window.to = *to;
  return window;
}

std::string time_window_text(const TimeWindow& window) {
  return (window.days == 0x7f ? "" : days_text(window.days) + ' ') + minute_text(window.from) + '-' +
         minute_text(window.to);
}

std::vector<Interval> intervals(const TimeZone& zone, const TimeWindow& window, Day first, Day last) {
  std::vector<Interval> found;
  for (Day day = first; day <= last; day = plus(day, 1)) {
    if ((window.days >> weekday(day) & 1) == 0) continue;
    const Interval one = interval(zone, window, day);
    if (one.from < one.to) found.push_back(one);
  }
  return found;
}

bool Schedule::holds(Timestamp t) const {
  const LocalTime now = zone.local(t);
  if (std::ranges::binary_search(except, now.day)) return false;
  // A window of yesterday may reach over midnight; and in a zone that jumps over midnight, tomorrow's has
  // begun.
  for (const int distance : {-1, 0, 1}) {
    const Day day = plus(now.day, distance);
    for (const TimeWindow& window : windows) {
      if ((window.days >> weekday(day) & 1) == 0) continue;
      if (distance == -1 && window.to > window.from && now.minute > 180) continue;
      const Interval one = interval(zone, window, day);
      if (one.from <= t && t < one.to) return true;
    }
  }
  return false;
}

std::optional<Timestamp> Schedule::next_change(Timestamp t) const {
  const bool now = holds(t);
  const Day today = zone.local(t).day;
  for (int distance = -1; distance < max_schedule_days; ++distance) {
    const Day day = plus(today, distance);
    std::vector<Timestamp> edges;
    const auto add = [&](Timestamp edge) {
      if (edge > t) edges.push_back(edge);
    };
    for (const TimeWindow& window : windows) {
      for (const Interval& one : intervals(zone, window, day, day)) add(one.from), add(one.to);
    }
    if (std::ranges::binary_search(except, day)) add(zone.first(day, 0)), add(zone.second(day, day_minutes));
    if (edges.empty()) continue;
    // An edge of this day may come after one of the next, never after one of the day after that.
    for (const Day next : {plus(day, 1), plus(day, 2)}) {
      for (const TimeWindow& window : windows) {
        for (const Interval& one : intervals(zone, window, next, next)) add(one.from), add(one.to);
      }
      if (std::ranges::binary_search(except, next))
        add(zone.first(next, 0)), add(zone.second(next, day_minutes));
    }
    std::ranges::sort(edges);
    for (const Timestamp edge : edges) {
      if (holds(edge) != now) return edge;
    }
  }
  return std::nullopt;
}

}  // namespace csrflow::engine
