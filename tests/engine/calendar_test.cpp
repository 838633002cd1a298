#include "engine/calendar.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using nlohmann::json;

namespace {

TimeZone zone_of(const std::string& name) {
  return *TimeZone::find(name);
}
WeeklyWindow weekly(const std::string& zone, const std::string& text) {
  return {zone_of(zone), *parse_time_window(text)};
}
Interval between(const char* from, const char* to) {
  return {time_of(from), time_of(to)};
}
const Interval year = between("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");

}  // namespace

TEST_CASE("weekly windows of the vectors, over jumps of the clock too") {
  const json cases = rotation_vectors().at("windows");
  REQUIRE(cases.size() == 10);
  for (const json& c : cases) {
    INFO(c.dump());
    std::string days_text;
    for (const json& day : c.at("days")) days_text += (days_text.empty() ? "" : ",") + day.get<std::string>();
    const WeeklyWindow window = weekly(c.at("timeZone"), days_text + ' ' + c.at("from").get<std::string>() +
                                                             '-' + c.at("to").get<std::string>());
    Intervals wanted;
    for (const json& pair : c.at("intervals")) wanted.push_back({time_of(pair.at(0)), time_of(pair.at(1))});
    const Day first = *parse_day(c.at("firstDay").get<std::string>());
    const Day last = *parse_day(c.at("lastDay").get<std::string>());
    CHECK(intervals(window.zone, window.window, first, last) == wanted);
    for (const Interval& one : wanted) CHECK(intervals_of({window}, one) == Intervals{one});
  }
}

TEST_CASE("office hours follow summer time") {
  const Calendar office{weekly("Europe/Berlin", "Mon-Fri 08:00-18:00")};
  CHECK(intervals_of(office, between("2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z")) ==
        Intervals{between("2026-03-27T07:00:00Z", "2026-03-27T17:00:00Z"),
                  between("2026-03-30T06:00:00Z", "2026-03-30T16:00:00Z")});
}

TEST_CASE("two neighbouring days of a weekend are one interval, an hour longer in autumn") {
  const Calendar weekend{weekly("Europe/Berlin", "Sat,Sun 00:00-24:00")};
  const Intervals found = intervals_of(weekend, between("2026-10-22T00:00:00Z", "2026-10-29T00:00:00Z"));
  REQUIRE(found.size() == 1);
  CHECK(length(found) == hours(49));
  CHECK(length(intervals_of(weekend, between("2026-03-26T00:00:00Z", "2026-04-01T00:00:00Z"))) == hours(47));
}

TEST_CASE("dated windows are whole local days, the last one included") {
  const Calendar freeze{
      DatedWindow{zone_of("America/New_York"), *parse_day("2026-12-20"), *parse_day("2026-12-24")}};
  CHECK(intervals_of(freeze, year) == Intervals{between("2026-12-20T05:00:00Z", "2026-12-25T05:00:00Z")});
}

TEST_CASE("what overlaps is one, in order, and cut to what was asked for") {
  const Calendar mixed{between("2026-06-03T00:00:00Z", "2026-06-05T00:00:00Z"),
                       between("2026-06-01T00:00:00Z", "2026-06-04T00:00:00Z"),
                       weekly("UTC", "Sat 10:00-12:00")};
  CHECK(intervals_of(mixed, between("2026-06-02T00:00:00Z", "2026-06-06T11:00:00Z")) ==
        Intervals{between("2026-06-02T00:00:00Z", "2026-06-05T00:00:00Z"),
                  between("2026-06-06T10:00:00Z", "2026-06-06T11:00:00Z")});
  CHECK(intervals_of(mixed, {year.from, year.from}).empty());
}

TEST_CASE("a window over midnight reaches into a range that begins after it") {
  const Calendar nights{weekly("Pacific/Apia", "Fri 22:00-06:00")};
  const Interval early = between("2026-06-05T12:00:00Z", "2026-06-05T13:00:00Z");  // Saturday 01:00 there
  CHECK(intervals_of(nights, early) == Intervals{early});
}

TEST_CASE("a year of a daily window has every day but the skipped hour's") {
  const Calendar early{weekly("Europe/Berlin", "02:00-03:00")};
  const Intervals found = intervals_of(early, year);
  CHECK(found.size() == 364);          // not on 29 March
  CHECK(length(found) == hours(365));  // two hours on 25 October
}

TEST_CASE("intervals: gaps, parts and the way along them") {
  const auto at = [](std::int64_t s) { return from_seconds(s); };
  const Intervals set = united({{at(20), at(30)}, {at(0), at(10)}, {at(5), at(5)}, {at(10), at(12)}});
  CHECK(set == Intervals{{at(0), at(12)}, {at(20), at(30)}});
  CHECK(length(set) == seconds(22));
  CHECK(gaps(set, {at(-5), at(25)}) == Intervals{{at(-5), at(0)}, {at(12), at(20)}});
  CHECK(gaps(set, {at(1), at(2)}).empty());
  CHECK(gaps({}, {at(1), at(2)}) == Intervals{{at(1), at(2)}});
  CHECK(first_part(set, seconds(14)) == Intervals{{at(0), at(12)}, {at(20), at(22)}});
  CHECK(last_part(set, seconds(14)) == Intervals{{at(8), at(12)}, {at(20), at(30)}});
  CHECK(first_part(set, seconds(99)) == set);
  CHECK(last_part(set, seconds(99)) == set);
  CHECK(along(set, seconds(0)) == at(0));
  CHECK(along(set, seconds(12)) == at(20));
  CHECK(along(set, seconds(21)) == at(29));
}
