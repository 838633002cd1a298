#include "engine/time_windows.hpp"
#include "tests/catch.hpp"
#include "tests/policies/files.hpp"

using namespace csrflow::engine;
using csrflow::policies::Tree;
using csrflow::policies::test::text_of;

namespace {

Timestamp instant(const std::string& text) {
  return *parse_rfc3339(text);
}
Schedule office(std::vector<std::string> windows, std::vector<std::string> except = {}) {
  Schedule schedule{.zone = *TimeZone::find("Europe/Berlin"), .windows = {}, .except = {}};
  for (const auto& window : windows) schedule.windows.push_back(*parse_time_window(window));
  for (const auto& day : except) schedule.except.push_back(*parse_day(day));
  return schedule;
}

}  // namespace

TEST_CASE("windows become UTC intervals, over jumps of the clock too (vectors/windows.json)") {
  const Tree all = csrflow::policies::test::vectors("windows.json");
  REQUIRE(all.items.size() == 10);
  for (const Tree& row : all.items) {
    std::string days;
    for (const Tree& day : row.find("days")->items) days += (days.empty() ? "" : ",") + day.text;
    const std::string text = days + ' ' + text_of(row, "from") + '-' + text_of(row, "to");
    CAPTURE(text, text_of(row, "timeZone"), text_of(row, "firstDay"));
    const auto zone = TimeZone::find(text_of(row, "timeZone"));
    const auto window = parse_time_window(text);
    REQUIRE(zone);
    REQUIRE(window);
    std::vector<Interval> wanted;
    for (const Tree& pair : row.find("intervals")->items)
      wanted.push_back({instant(pair.items[0].text), instant(pair.items[1].text)});
    CHECK(intervals(*zone, *window, *parse_day(text_of(row, "firstDay")),
                    *parse_day(text_of(row, "lastDay"))) == wanted);
  }
}

TEST_CASE("a schedule holds inside a window and on no excepted day") {
  const Schedule schedule = office({"Mon-Fri 08:00-18:00"}, {"2026-12-24"});
  CHECK(schedule.holds(instant("2026-03-02T07:00:00Z")));
  CHECK_FALSE(schedule.holds(instant("2026-03-02T06:59:59.999999Z")));
  CHECK_FALSE(schedule.holds(instant("2026-03-02T17:00:00Z")));
  CHECK(schedule.holds(instant("2026-03-30T06:00:00Z")));  // summer time
  CHECK_FALSE(schedule.holds(instant("2026-12-24T10:00:00Z")));
  const Schedule nights = office({"Fri 22:00-06:00"});
  CHECK(nights.holds(instant("2026-03-07T04:00:00Z")));  // Saturday, 05:00
  CHECK_FALSE(nights.holds(instant("2026-03-07T05:00:00Z")));
  CHECK_FALSE(nights.holds(instant("2026-03-06T04:00:00Z")));
}

TEST_CASE("the next change of a schedule is its next edge that matters") {
  const Schedule schedule = office({"Mon-Fri 08:00-18:00", "Mon 12:00-13:00"}, {"2026-03-03"});
  CHECK(schedule.next_change(instant("2026-03-07T09:00:00Z")) == instant("2026-03-09T07:00:00Z"));
  CHECK(schedule.next_change(instant("2026-03-09T07:00:00Z")) == instant("2026-03-09T17:00:00Z"));
  CHECK(schedule.next_change(instant("2026-03-02T20:00:00Z")) == instant("2026-03-04T07:00:00Z"));
  CHECK(office({"00:00-24:00"}).next_change(instant("2026-03-02T20:00:00Z")) == std::nullopt);
}

TEST_CASE("windows have one text") {
  for (const auto& [input, text] : {std::pair{"Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00"},
                                    {"Fri,Mon,Tue,Wed,Thu 08:00-18:00", "Mon-Fri 08:00-18:00"},
                                    {"Sat-Sun 22:00-24:00", "Sat,Sun 22:00-24:00"},
                                    {"Sat-Mon 22:00-06:00", "Mon,Sat,Sun 22:00-06:00"},
                                    {"08:00-18:00", "08:00-18:00"}}) {
    CAPTURE(input);
    const auto window = parse_time_window(input);
    REQUIRE(window);
    CHECK(time_window_text(*window) == text);
  }
  for (const auto* text :
       {"", "Mon", "Mon-Fri", "Mon-Fri 8:00-18:00", "Mon-Fri 08:00-08:00", "Mom 08:00-09:00",
        "Mon 08:00-24:01", "Mon 24:00-08:00", "Mon 08:60-09:00", "Mon-Fri 08:00-18:00 x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time_window(text));
  }
  CHECK_FALSE(parse_day("2026-02-29"));
  CHECK_FALSE(TimeZone::find("Europe/Atlantis"));
}
