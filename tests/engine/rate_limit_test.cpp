#include "engine/rate_limit.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using nlohmann::json;

TEST_CASE("who passes when, first come first served (vectors)") {
  const json cases = rotation_vectors().at("gcra").at("cases");
  REQUIRE(cases.size() >= 5);
  for (const json& c : cases) {
    const RateCap cap{.limit = c.at("ratePerSecond"), .burst = c.at("burst")};
    RateLimiter limiter(cap);
    Timestamp before;
    const auto arrivals = c.at("arrivals").get<std::vector<std::int64_t>>();
    const auto passes = c.at("passesAt").get<std::vector<std::int64_t>>();
    REQUIRE(arrivals.size() == passes.size());
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      INFO(cap.limit << "/s, burst " << cap.burst << ", arrival " << i);
      before = limiter.take(std::max(before, Timestamp{arrivals[i]}));
      CHECK(before.microseconds == passes[i]);
    }
  }
}

TEST_CASE("two hundred a second with a burst of ten: the eleventh waits") {
  RateLimiter limiter({.limit = 200, .burst = 10});
  for (int i = 0; i < 10; ++i) CHECK(limiter.take({}) == Timestamp{});
  CHECK(limiter.next({}) == Timestamp{5'000});
  CHECK(limiter.take({}) == Timestamp{5'000});
  CHECK(limiter.take({}) == Timestamp{10'000});
}

TEST_CASE("a rate of twenty an hour is one in three minutes after the burst") {
  RateLimiter limiter({.limit = 20, .period = hours(1), .burst = 2});
  const Timestamp start = time_of("2026-03-01T12:00:00Z");
  CHECK(limiter.take(start) == start);
  CHECK(limiter.take(start) == start);
  CHECK(limiter.take(start) == start + seconds(180));
}

TEST_CASE("after a start nothing is owed to the past") {
  const Timestamp now = time_of("2026-03-01T12:00:00Z");
  RateLimiter limiter({.limit = 1, .burst = 3}, now);
  int at_once = 0;
  while (limiter.next(now) == now) limiter.pass(now), ++at_once;
  CHECK(at_once == 3);
}

TEST_CASE("in no closed interval more pass than the burst and what the rate gives") {
  std::mt19937_64 random(7);
  for (const RateCap cap : {RateCap{.limit = 200, .burst = 50}, RateCap{.limit = 7, .burst = 1},
                            RateCap{.limit = 3, .period = seconds(60), .burst = 4}}) {
    RateLimiter limiter(cap);
    const std::int64_t spacing = cap.period.microseconds / cap.limit;
    Timestamp now;
    std::vector<std::int64_t> passed;
    for (int i = 0; i < 2'000; ++i) {
      now = now + Duration{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spacing * 2))};
      if (limiter.next(now) == now) limiter.pass(now), passed.push_back(now.microseconds);
    }
    REQUIRE(passed.size() > 500);
    for (std::size_t from = 0; from < passed.size(); from += 17) {
      for (std::size_t to = from; to < passed.size(); to += 13) {
        const auto many = static_cast<std::int64_t>(to - from + 1);
        if (many > cap.burst + (passed[to] - passed[from]) / spacing) FAIL("too many passed");
      }
    }
  }
}
