#include "engine/cap_forecast.hpp"

#include <rapidcheck.h>

#include "engine/rate_span.hpp"
#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;

namespace {

const Timestamp noon = time_of("2026-03-01T12:00:00Z");
constexpr RateCap two_hundred{.limit = 200, .burst = 1};

}  // namespace

TEST_CASE("nine hundred thousand at two hundred a second: the last one begins after 75 minutes") {
  const std::vector<WaitingEnd> waiting(900'000, {.not_after = noon + days(5), .lifetime = days(47)});
  const CapForecast forecast = cap_forecast(waiting, two_hundred, noon);
  CHECK(forecast.last_begins == noon + seconds(75 * 60) - Duration{5'000});
  CHECK_FALSE(forecast.cap_too_low());
  CHECK(forecast.enough == 4);
}

TEST_CASE("too late are those whose rank is beyond what the rate does until then") {
  // One ends each millisecond from now on; 200/s have the i-th at i × 5 ms.
  std::vector<WaitingEnd> waiting;
  for (std::int64_t i = 1; i <= 1'000; ++i) waiting.push_back({noon + seconds(1) + Duration{i * 1'000}, {}});
  const CapForecast forecast = cap_forecast(waiting, two_hundred, noon);
  // (i − 1) × 5 ms > 1 s + i × 1 ms from i = 252 on.
  CHECK(forecast.too_late == 1'000 - 251);
  CHECK(forecast.first_too_late == noon + seconds(1) + Duration{252'000});
  CHECK(forecast.late_already == 0);
  CHECK(forecast.cap_too_low());
  CHECK(forecast.enough == 500);
  CHECK_FALSE(cap_forecast(waiting, {.limit = forecast.enough, .burst = 1}, noon).cap_too_low());
}

TEST_CASE("the last twentieth of a lifetime is no time to begin in") {
  const std::vector<WaitingEnd> waiting(2, {.not_after = noon + days(1), .lifetime = days(20)});
  CHECK(cap_forecast(waiting, {.limit = 200, .burst = 2}, noon).too_late == 0);
  // The second one comes too late by 5 ms, and no rate helps it.
  const CapForecast forecast = cap_forecast(waiting, two_hundred, noon);
  CHECK(forecast.too_late == 1);
  CHECK(forecast.late_already == 1);
  CHECK_FALSE(forecast.cap_too_low());
  CHECK(cap_forecast(waiting, two_hundred, noon + Duration{1}).late_already == 2);
}

TEST_CASE("a million at one a year are too late, whatever the sum of their years") {
  const std::vector<WaitingEnd> waiting(1'000'000, {.not_after = noon + days(5), .lifetime = days(47)});
  const CapForecast forecast = cap_forecast(waiting, {.limit = 1, .period = days(365), .burst = 1}, noon);
  CHECK(forecast.too_late == 999'999);
  CHECK(forecast.last_begins == noon + forever);
}

TEST_CASE("nothing waits: nothing is too late") {
  const CapForecast forecast = cap_forecast({}, two_hundred, noon);
  CHECK(forecast.last_begins == noon);
  CHECK_FALSE(forecast.cap_too_low());
  CHECK(forecast.enough == 1);
}

TEST_CASE("with the limit that it calls enough, the cap is enough, and with one less it is not") {
  CHECK(rc::check("drawn ends", [] {
    const RateCap cap{.limit = *rc::gen::inRange<std::int64_t>(1, 50),
                      .period = seconds(*rc::gen::element<std::int64_t>(1, 60, 3'600)),
                      .burst = *rc::gen::inRange<std::int64_t>(1, 5)};
    std::vector<WaitingEnd> waiting;
    const auto count = *rc::gen::inRange(0, 60);
    for (int i = 0; i < count; ++i)
      waiting.push_back({.not_after = noon + seconds(*rc::gen::inRange<std::int64_t>(-10, 2'000)),
                         .lifetime = seconds(*rc::gen::inRange<std::int64_t>(0, 100))});
    const CapForecast forecast = cap_forecast(waiting, cap, noon);
    RateCap other = cap;
    other.limit = forecast.enough;
    RC_ASSERT(cap_forecast(waiting, other, noon).too_late == forecast.late_already);
    RC_ASSERT(forecast.late_already <= forecast.too_late);
    if (other.limit == 1) return;
    other.limit -= 1;
    // A smaller limit may round to the same spacing.
    const bool same_spacing =
        other.period.microseconds / other.limit == other.period.microseconds / forecast.enough;
    RC_ASSERT((same_spacing || cap_forecast(waiting, other, noon).cap_too_low()));
  }));
}
