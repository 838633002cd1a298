#include "engine/forecast.hpp"

#include "tests/catch.hpp"

namespace csrflow::engine {
namespace {

constexpr std::int64_t a_day = 86'400;
const Timestamp noon = from_seconds(20'000 * a_day + a_day / 2);
const std::string web = "example.com/web", mail = "example.com/mail";

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

TEST_CASE("each rotation is followed by the next one a step later") {
  // Noon of day 1, then 3.7, 6.4, 9.1 days after the first midnight and a half.
  const auto made = forecast(noon, 10, {{in_days(1), seconds(a_day * 27 / 10), 5, web}}, {});
  CHECK(rotations_by_day(made) == Numbers{0, 5, 0, 0, 5, 0, 5, 0, 0, 5});
  CHECK(made.rotations() == 20);
  CHECK(made.busiest()->begin == made.days[1].begin);
}

TEST_CASE("what rotates several times a day is counted each time") {
  // Every 2,430 s from noon, 18 times until midnight, then 36 and 35 times a day.
  const auto made = forecast(noon, 3, {{noon, seconds(2'430), 2, web}}, {});
  CHECK(rotations_by_day(made) == Numbers{36, 72, 70});
}

TEST_CASE("what is overdue is made up for today") {
  const auto made = forecast(noon, 2, {{in_days(-9), seconds(60 * a_day), 3, web}}, {});
  CHECK(rotations_by_day(made) == Numbers{3, 0});
  CHECK(made.signers.at(web).busiest_minute == 0);
}

TEST_CASE("what ends is counted on its day; what ends later only in the sums") {
  const auto made =
      forecast(noon, 3, {}, {{in_days(1), 7, 2, web}, {in_days(40), 0, 4, web}, {in_days(2), 1, 0, web}});
  CHECK(made.certificates == 14);
  CHECK(made.unattended == 6);
  CHECK(made.days[1].expiring == 9);
  CHECK(made.days[1].unattended == 2);
  CHECK(made.days[2].expiring == 1);
}

TEST_CASE("each signer has its load, its busiest minute, and its certificates without rotation") {
  const auto made = forecast(noon, 3,
                             {{in_days(1), seconds(a_day), 5, web},
                              {in_days(1), seconds(60 * a_day), 2, web},
                              {in_days(2), seconds(60 * a_day), 4, mail},
                              {in_days(9), seconds(60 * a_day), 20, mail}},
                             {{in_days(1), 7, 2, web}, {in_days(40), 4, 1, mail}});
  CHECK(made.signers.at(web).rotations == Numbers{0, 7, 5});
  CHECK(made.signers.at(web).busiest_minute == 7);
  CHECK(made.signers.at(web).certificates == 9);
  CHECK(made.signers.at(web).unattended == 2);
  CHECK(made.signers.at(mail).rotations == Numbers{0, 0, 4});
  CHECK(made.signers.at(mail).busiest_minute == 4);
  CHECK(made.signers.at(mail).unattended == 1);
  CHECK(rotations_by_day(made) == Numbers{0, 7, 9});
}

TEST_CASE("as JSON, without the days on which nothing happens") {
  auto made = forecast(noon, 5, {{in_days(1), seconds(60 * a_day), 3, web}}, {{in_days(2), 0, 1, mail}});
  made.position = {42};
  CHECK(forecast_json(made) ==
        R"({"kind":"Forecast","apiVersion":"csrflow.io/v1","now":"2024-10-04T12:00:00Z","position":42,)"
        R"("timersPending":false,"days":5,"certificates":1,"withoutRotation":1,"signatures":3,)"
        R"("busiestDay":"2024-10-05","signaturesOnBusiestDay":3,"signers":[)"
        R"({"signerName":"example.com/mail","certificates":1,"withoutRotation":1,"signatures":0,)"
        R"("signaturesOnBusiestDay":0,"signaturesInBusiestMinute":0},)"
        R"({"signerName":"example.com/web","certificates":0,"withoutRotation":0,"signatures":3,)"
        R"("signaturesOnBusiestDay":3,"signaturesInBusiestMinute":3}],"items":[)"
        R"({"day":"2024-10-05","rotations":3,"expiring":0,"withoutRotation":0,)"
        R"("rotationsBySigner":{"example.com/web":3}},)"
        R"({"day":"2024-10-06","rotations":0,"expiring":1,"withoutRotation":1,"rotationsBySigner":{}}]})");
}

}  // namespace
}  // namespace csrflow::engine
