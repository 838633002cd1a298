#include "engine/rotation.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using csrflow::test::sha256;
using nlohmann::json;

namespace {

const StreamId web1{"csr/web-1"};
const Serial row2 = serial_of("7f0102030405060708090a0b0c0d0e0f10");

}  // namespace

TEST_CASE("jitter, window and instant of the vectors") {
  const json cases = rotation_vectors().at("jitter");
  REQUIRE(cases.size() > 50);
  for (const json& c : cases) {
    INFO(c.dump());
    const std::uint64_t h = rotation_jitter({c.at("stream")}, serial_of(c.at("serial")), sha256);
    CHECK(h == jitter_of(c.at("h")));
    const Window window = rotation_window({time_of(c.at("notBefore")), time_of(c.at("notAfter"))});
    CHECK(window.start == time_of(c.at("windowStart")));
    CHECK(window.end == time_of(c.at("windowEnd")));
    CHECK(rfc3339_micro(rotation_instant(window, h)) == rfc3339_micro(time_of(c.at("due"))));
  }
}

TEST_CASE("back-off of the vectors") {
  const json cases = rotation_vectors().at("backoff");
  REQUIRE(cases.size() > 40);
  for (const json& c : cases) {
    INFO(c.dump());
    const Duration wait =
        retry_wait({c.at("stream")}, serial_of(c.at("serial")), c.at("n").get<std::uint32_t>(),
                   {c.at("leftMicros").get<std::int64_t>()}, sha256);
    CHECK(wait.microseconds == c.at("waitMicros").get<std::int64_t>());
  }
}

TEST_CASE("rotation, worked examples") {
  struct Example {
    const char *stream, *serial, *begin, *not_after, *h, *window_start, *window_end, *due;
  };
  const Example examples[] = {
      {"csr/web-1", "00a1b2c3d4e5f60718293a4b5c6d7e8f90", "2026-01-01T00:00:00Z", "2026-02-16T23:59:59Z",
       "667bac9549b27d7e", "2026-01-29T04:48:00Z", "2026-02-05T06:00:00Z", "2026-02-01T00:32:05.731201Z"},
      {"csr/web-1", "7f0102030405060708090a0b0c0d0e0f10", "2026-01-01T00:00:00Z", "2026-02-16T23:59:59Z",
       "328a230815f6e895", "2026-01-29T04:48:00Z", "2026-02-05T06:00:00Z", "2026-01-30T14:12:12.653706Z"},
      {"csr/web-2", "7f0102030405060708090a0b0c0d0e0f10", "2026-01-01T00:00:00Z", "2026-02-16T23:59:59Z",
       "c91f2c4f1bcaa1ab", "2026-01-29T04:48:00Z", "2026-02-05T06:00:00Z", "2026-02-03T17:43:44.111141Z"},
      {"csr/jane", "01", "2026-03-01T12:00:00Z", "2026-03-02T11:59:59Z", "a60511331f2b77a6",
       "2026-03-02T02:24:00Z", "2026-03-02T06:00:00Z", "2026-03-02T04:44:04.752055Z"},
      {"csr/jane", "01", "2026-03-01T12:00:00Z", "2026-03-01T12:59:59Z", "a60511331f2b77a6",
       "2026-03-01T12:36:00Z", "2026-03-01T12:45:00Z", "2026-03-01T12:41:50.198002Z"},
      {"csr/job", "01", "2026-03-01T12:00:00Z", "2026-03-01T12:00:59Z", "fef0392ac48310bb",
       "2026-03-01T12:00:36Z", "2026-03-01T12:00:45Z", "2026-03-01T12:00:44.962677Z"},
      {"csr/root", "0102", "2026-01-01T00:00:00Z", "2035-12-31T23:59:59Z", "d08f90ad78a5b618",
       "2032-01-01T04:48:00Z", "2033-07-02T00:00:00Z", "2033-03-22T11:42:02.356574Z"},
  };
  for (const Example& e : examples) {
    INFO(e.stream << ' ' << e.serial);
    const std::uint64_t h = rotation_jitter({e.stream}, serial_of(e.serial), sha256);
    CHECK(h == jitter_of(e.h));
    const Window window = rotation_window({time_of(e.begin), time_of(e.not_after)});
    CHECK(window.start == time_of(e.window_start));
    CHECK(window.end == time_of(e.window_end));
    CHECK(rfc3339_micro(rotation_instant(window, h)) == e.due);
  }
}

TEST_CASE("the jitter walks from the window's start to just before its end") {
  const Window window = rotation_window({time_of("2026-01-01T00:00:00Z"), time_of("2026-04-10T23:59:59Z")});
  CHECK(rotation_instant(window, 0) == time_of("2026-03-02T00:00:00Z"));
  CHECK(rotation_instant(window, std::uint64_t{1} << 63) == time_of("2026-03-09T12:00:00Z"));
  CHECK(rotation_instant(window, UINT64_MAX) == window.end - Duration{1});
}

TEST_CASE("stream and serial never run into each other") {
  CHECK(rotation_jitter({"csr/a"}, {"b1"}, sha256) != rotation_jitter({"csr/ab"}, {"1"}, sha256));
}

TEST_CASE("back-off, worked examples") {
  const std::pair<std::uint32_t, std::int64_t> examples[] = {{1, 31'441'506},      {2, 63'796'997},
                                                             {3, 108'987'020},     {5, 506'441'930},
                                                             {10, 14'374'142'556}, {12, 19'897'286'527}};
  for (const auto& [n, wait] : examples) {
    INFO(n);
    CHECK(retry_wait(web1, row2, n, days(10), sha256).microseconds == wait);
  }
}

TEST_CASE("the less time is left, the shorter the wait, but never under a second") {
  const Duration sixteen_minutes_left = retry_wait(web1, row2, 5, seconds(16 * 60), sha256);
  CHECK(sixteen_minutes_left >= seconds(108));
  CHECK(sixteen_minutes_left <= seconds(132));
  CHECK(retry_wait(web1, row2, 9, seconds(4), sha256) == seconds(1));
  // After expiry the remaining time no longer counts.
  CHECK(retry_wait(web1, row2, 5, seconds(-60), sha256) == retry_wait(web1, row2, 5, days(1000), sha256));
}

TEST_CASE("without a certificate the wait grows to the cap and stays there") {
  for (const std::uint32_t n : {1U, 2U, 3U, 10U, 11U, 21U, 22U, 1000U, UINT32_MAX}) {
    const Duration wait = retry_wait({"csr/jane"}, n, sha256);
    const std::int64_t plain = n > 10 ? 21'600 : 30LL << (n - 1);
    INFO(n);
    CHECK(wait.microseconds >= plain * 900'000);
    CHECK(wait.microseconds < plain * 1'100'000);
  }
}

TEST_CASE("a short lifetime still has its window, after the start and before the end") {
  const Timestamp begin = time_of("2026-03-01T12:00:00Z");
  for (std::int64_t length = 0; length <= 400; ++length) {
    INFO(length);
    const Validity validity{begin, begin + seconds(length - 1)};
    REQUIRE(validity.length() == seconds(length));
    const Window window = rotation_window(validity);
    CHECK(window.start >= begin);
    CHECK(window.end >= window.start);
    if (length < 3) continue;  // nothing fits before the reserve
    CHECK(window.end <= validity.not_after - std::max(seconds(1), Duration{length * 1'000'000 / 20}));
    CHECK(window.end > window.start);
  }
  // 6 s: from 3.6 s; 0.9 s are widened to 1 s, then cut at the reserve of 1 s before notAfter.
  const Window six = rotation_window({begin, begin + seconds(5)});
  CHECK(six.start == begin + Duration{3'600'000});
  CHECK(six.end == begin + seconds(4));
}

TEST_CASE("a policy's base and cap bound the waits") {
  const RetryRule rule{.base = seconds(5), .cap = seconds(60)};
  for (std::uint32_t n = 1; n <= 40; ++n) {
    INFO(n);
    const std::int64_t plain = n > 4 ? 60 : 5LL << (n - 1);
    const Duration wait = retry_wait(web1, row2, n, days(10), sha256, rule);
    CHECK(wait.microseconds >= plain * 900'000);
    CHECK(wait.microseconds < plain * 1'100'000);
  }
  CHECK(retry_wait(web1, 3, sha256, rule) < seconds(22));
}

TEST_CASE("the waits never jump over the end while there is time for eight more") {
  for (const Duration lifetime : {seconds(60), seconds(3600), days(1), days(47)}) {
    Duration left = {lifetime.microseconds / 4};
    std::uint32_t tries = 0;
    while (left > seconds(8)) {
      const Duration wait = retry_wait(web1, row2, ++tries, left, sha256);
      REQUIRE(wait >= seconds(1));
      REQUIRE(wait < left);
      left = left - wait;
    }
    CHECK(tries >= (lifetime == seconds(60) ? 4 : 20));
  }
}

TEST_CASE("a rule near the end is cut at the reserve") {
  const Timestamp begin = time_of("2026-01-01T00:00:00Z");
  const Validity hundred_days{begin, begin + days(100) - seconds(1)};
  const Window window = rotation_window(hundred_days, {.from = 900'000, .to = 960'000});
  CHECK(window.start == begin + days(90));
  CHECK(window.end == hundred_days.not_after - days(5));
}
