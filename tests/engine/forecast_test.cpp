#include "engine/forecast.hpp"

#include "tests/catch.hpp"

namespace csrflow::engine {
namespace {

constexpr std::int64_t a_day = 86'400;
const Timestamp noon = from_seconds(20'000 * a_day + a_day / 2);

Timestamp in_days(std::int64_t days) {
  return noon + seconds(days * a_day);
}
std::vector<std::uint64_t> rotations_by_day(const Forecast& forecast) {
  std::vector<std::uint64_t> numbers;
  for (const auto& day : forecast.days) numbers.push_back(day.rotations);
  return numbers;
}
using Numbers = std::vector<std::uint64_t>;

TEST_CASE("days begin at midnight, today's too") {
  const auto made = forecast(noon, 3, {}, {});
  REQUIRE(made.days.size() == 3);
  CHECK(made.days[0].begin == noon - seconds(a_day / 2));
  CHECK(made.days[2].begin == made.days[0].begin + seconds(2 * a_day));
  CHECK(made.busiest() == nullptr);
}

TEST_CASE("each rotation is followed by the next one of the same lifetime") {
  // 0.675 of four days is 2.7 days: noon of day 1, then 3.7, 6.4, 9.1 days after the first midnight and a
  // half.
  const auto made = forecast(noon, 10, {{in_days(1), seconds(4 * a_day), 5}}, {});
  CHECK(rotations_by_day(made) == Numbers{0, 5, 0, 0, 5, 0, 5, 0, 0, 5});
  CHECK(made.rotations() == 20);
  CHECK(made.busiest()->begin == made.days[1].begin);
}

TEST_CASE("what rotates several times a day is counted each time") {
  // An hour's lifetime: every 2,430 s from noon, 18 times until midnight, then 36 and 35 times a day.
  const auto made = forecast(noon, 3, {{noon, seconds(3'600), 2}}, {});
  CHECK(rotations_by_day(made) == Numbers{36, 72, 70});
}

TEST_CASE("what is overdue is made up for today") {
  const auto made = forecast(noon, 2, {{in_days(-9), seconds(90 * a_day), 3}}, {});
  CHECK(rotations_by_day(made) == Numbers{3, 0});
}

TEST_CASE("what ends is counted on its day; what ends later only in the sums") {
  const auto made = forecast(noon, 3, {}, {{in_days(1), 7, 2}, {in_days(40), 0, 4}, {in_days(2), 1, 0}});
  CHECK(made.certificates == 14);
  CHECK(made.unattended == 6);
  CHECK(made.days[1].expiring == 9);
  CHECK(made.days[1].unattended == 2);
  CHECK(made.days[2].expiring == 1);
}

TEST_CASE("as JSON, without the days on which nothing happens") {
  auto made = forecast(noon, 5, {{in_days(1), seconds(90 * a_day), 3}}, {{in_days(2), 0, 1}});
  made.position = {42};
  CHECK(
      forecast_json(made) ==
      R"({"kind":"Forecast","apiVersion":"csrflow.io/v1","now":"2024-10-04T12:00:00Z","position":42,"days":5,)"
      R"("certificates":1,"withoutRotation":1,"signatures":3,"busiestDay":"2024-10-05",)"
      R"("signaturesOnBusiestDay":3,"items":[)"
      R"({"day":"2024-10-05","rotations":3,"expiring":0,"withoutRotation":0},)"
      R"({"day":"2024-10-06","rotations":0,"expiring":1,"withoutRotation":1}]})");
}

}  // namespace
}  // namespace csrflow::engine
