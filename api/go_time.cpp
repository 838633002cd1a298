// Go's src/time/format.go, parse(), for one layout.
#include "api/go_time.hpp"

#include <chrono>
#include <optional>

#include "api/status.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view layout = "2006-01-02T15:04:05Z07:00";
constexpr int most_offset_hours = 24;  // as Go: some people write them
constexpr int most_offset_minutes = 60;

struct Unreadable {
  std::string message;
};

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

class TimeReader {
 public:
  explicit TimeReader(const std::string& text) : whole_(text), rest_(text) {}

  engine::Timestamp read() {
    const int year = number("2006", 4, 4);
    literal("-");
    const int month = number("01", 2, 2);
    if (month < 1 || month > 12) out_of_range("month");
    literal("-");
    const int day = number("02", 2, 2);
    literal("T");
    const int hour = number("15", 1, 2);
    if (hour > 23) out_of_range("hour");
    literal(":");
    const int minute = number("04", 2, 2);
    if (minute > 59) out_of_range("minute");
    literal(":");
    const int second = number("05", 2, 2);
    if (second > 59) out_of_range("second");
    const std::int64_t microseconds = fraction();
    const int offset_minutes = zone();
    if (!rest_.empty()) wrong(": extra text: " + go_quote(rest_));
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) out_of_range("day");
    const auto instant = std::chrono::sys_days(date) + std::chrono::hours(hour) +
                         std::chrono::minutes(minute - offset_minutes) + std::chrono::seconds(second) +
                         std::chrono::microseconds(microseconds);
    return {instant.time_since_epoch().count()};
  }

 private:
  [[noreturn]] void wrong(const std::string& message) const {
    throw Unreadable{"parsing time " + go_quote(whole_) + message};
  }
  [[noreturn]] void out_of_range(const std::string& what) const { wrong(": " + what + " out of range"); }
  [[noreturn]] void cannot_parse(std::string_view element) const {
    wrong(" as " + go_quote(std::string(layout)) + ": cannot parse " + go_quote(std::string(rest_)) + " as " +
          go_quote(std::string(element)));
  }

  void literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) cannot_parse(expected);
    rest_.remove_prefix(expected.size());
  }

  int number(std::string_view element, std::size_t least, std::size_t most) {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < most && is_digit(rest_, digits); ++digits) value = value * 10 + (rest_[digits] - '0');
    if (digits < least) cannot_parse(element);
    rest_.remove_prefix(digits);
    return value;
  }

  /// Not in the layout, but taken, after a comma as well.
  std::int64_t fraction() {
    if (rest_.empty() || (rest_[0] != '.' && rest_[0] != ',') || !is_digit(rest_, 1)) return 0;
    rest_.remove_prefix(1);
    std::int64_t microseconds = 0;
    std::int64_t unit = 100'000;
    for (; is_digit(rest_, 0); rest_.remove_prefix(1), unit /= 10) microseconds += (rest_[0] - '0') * unit;
    return microseconds;
  }

  int zone() {
    constexpr std::string_view element = "Z07:00";
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return 0;
    }
    const bool whole = rest_.size() >= element.size() && (rest_[0] == '+' || rest_[0] == '-') &&
                       is_digit(rest_, 1) && is_digit(rest_, 2) && rest_[3] == ':' && is_digit(rest_, 4) &&
                       is_digit(rest_, 5);
    if (!whole) cannot_parse(element);
    const int sign = rest_[0] == '-' ? -1 : 1;
    const int hours = (rest_[1] - '0') * 10 + (rest_[2] - '0');
    const int minutes = (rest_[4] - '0') * 10 + (rest_[5] - '0');
    rest_.remove_prefix(element.size());
    if (hours > most_offset_hours) out_of_range("time zone offset hour");
    if (minutes > most_offset_minutes) out_of_range("time zone offset minute");
    return sign * (hours * 60 + minutes);
  }

  const std::string& whole_;
  std::string_view rest_;
};

}  // namespace

std::expected<engine::Timestamp, std::string> parse_go_time(const std::string& text) {
  try {
    return TimeReader(text).read();
  } catch (const Unreadable& problem) {
    return std::unexpected(problem.message);
  }
}

}  // namespace csrflow::api
