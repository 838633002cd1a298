// Recurring windows in local time, as approval and rotation policies have them: `Mon-Fri 08:00-18:00` in
// Europe/Berlin. The tz database is the operating system's, through Hinnant's date library.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/types.hpp"

namespace date {
class time_zone;
}

namespace csrflow::engine {

/// A day of the proleptic Gregorian calendar: days since 1970-01-01.
struct Day {
  std::int32_t number = 0;
  auto operator<=>(const Day&) const = default;
};
/// `2026-12-24`
std::expected<Day, std::string> parse_day(std::string_view text);
std::string day_text(Day);
/// 0 = Monday … 6 = Sunday.
unsigned weekday(Day);

/// An instant as the clock on the wall shows it.
struct LocalTime {
  Day day;
  unsigned minute = 0;  ///< of the day
};

/// Immutable, and as long-lived as the program; threads may use one at the same time.
class TimeZone {
 public:
  /// `Europe/Berlin`, `UTC`.
  static std::expected<TimeZone, std::string> find(std::string_view name);

  const std::string& name() const { return name_; }
  LocalTime local(Timestamp) const;
  /// When the wall shows `minute` (0 to 2 × 1440) of `day`: in a skipped hour the instant of the jump; of a
  /// doubled one the first or the second occurrence.
  Timestamp first(Day, unsigned minute) const;
  Timestamp second(Day, unsigned minute) const;

 private:
  TimeZone() = default;
  std::string name_;
  const date::time_zone* zone_ = nullptr;
};
/// `2025b`, or `unknown`.
std::string time_zone_version();

/// The same wall times on some days of the week.
struct TimeWindow {
  std::uint8_t days = 0;  ///< bit 0 = Monday … bit 6 = Sunday
  unsigned from = 0;      ///< minute of the day
  unsigned to = 0;        ///< end, exclusive, up to 1440; at or before `from`: of the next day
  bool operator==(const TimeWindow&) const = default;
};
/// `Mon-Fri 08:00-18:00`, `Sat,Sun 22:00-06:00`, `08:00-18:00` (every day).
std::expected<TimeWindow, std::string> parse_time_window(std::string_view text);
std::string time_window_text(const TimeWindow&);

/// [from, to)
struct Interval {
  Timestamp from, to;
  bool operator==(const Interval&) const = default;
};
/// Those of the window that begin on a day of first … last, in order; empty ones (wholly in a skipped hour)
/// are left out.
std::vector<Interval> intervals(const TimeZone&, const TimeWindow&, Day first, Day last);

/// Windows in one zone, and whole local days on which they do not hold.
struct Schedule {
  TimeZone zone;
  std::vector<TimeWindow> windows;
  std::vector<Day> except;  ///< sorted

  bool holds(Timestamp) const;
  /// The next instant after `t` at which `holds` changes; nothing within `max_schedule_days`.
  std::optional<Timestamp> next_change(Timestamp t) const;
};
constexpr int max_schedule_days = 400;

}  // namespace csrflow::engine
