// apimachinery's util/duration.HumanDuration: short, and coarser the longer it is.
#include "api/table.hpp"

namespace csrflow::api {

namespace {

std::string two(std::int64_t big, const char* big_unit, std::int64_t small, const char* small_unit) {
  std::string text = std::to_string(big) + big_unit;
  return small == 0 ? text : text + std::to_string(small) + small_unit;
}

}  // namespace

std::string human_duration(engine::Duration duration) {
  const std::int64_t seconds = duration.microseconds / 1'000'000;
  // A clock that is two seconds off is almost right.
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 2 * 60) return std::to_string(seconds) + "s";
  const std::int64_t minutes = seconds / 60;
  if (minutes < 10) return two(minutes, "m", seconds % 60, "s");
  if (minutes < 3 * 60) return std::to_string(minutes) + "m";
  const std::int64_t hours = minutes / 60;
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return std::to_string(hours) + "h";
  const std::int64_t days = hours / 24;
  if (days < 8) return two(days, "d", hours % 24, "h");
  if (days < 2 * 365) return std::to_string(days) + "d";
  const std::int64_t years = days / 365;
  if (years < 8) return two(years, "y", days % 365, "d");
  return std::to_string(years) + "y";
}

std::string age(engine::Timestamp creation, engine::Timestamp now) {
  return creation.microseconds == 0 ? "<unknown>" : human_duration(now - creation);
}

}  // namespace csrflow::api
