// Kubernetes' --cluster-signing-duration rules.
#include "signer/duration.hpp"

#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using signer::testing::noon;

namespace {
constexpr engine::Duration hours(std::int64_t n) {
  return engine::seconds(n * 3600);
}
constexpr engine::Timestamp never = engine::from_seconds(4'000'000'000);
}  // namespace

TEST_CASE("a lifetime below 8 hours is counted from now, a longer one from the backdated start") {
  struct Row {
    engine::Duration lifetime;
    std::int64_t in_certificate;  // seconds from notBefore to notAfter
  };
  const auto row = GENERATE(Row{engine::seconds(6), 306}, Row{engine::seconds(600), 900},
                            Row{hours(7), 7 * 3600 + 300}, Row{engine::seconds(28'799), 29'099},
                            Row{hours(8), 8 * 3600}, Row{hours(9), 9 * 3600}, Row{hours(8760), 31'536'000});
  const auto result = validity(noon, row.lifetime, never);
  REQUIRE(result);
  CHECK(result->not_before == noon.cut_to_seconds() - engine::seconds(300));
  CHECK(result->not_after - result->not_before == engine::seconds(row.in_certificate));
}

TEST_CASE("no certificate outlives the CA") {
  const auto second = noon.cut_to_seconds();
  const auto end = second + hours(1);
  CHECK(validity(noon, hours(7), end)->not_after == end);
  CHECK(validity(noon, hours(9), end)->not_after == end);
  CHECK(validity(noon, hours(1), end)->not_after == end);
  CHECK(validity(noon, engine::seconds(6), end)->not_after == second + engine::seconds(6));
  CHECK(validity(noon, hours(1), second + engine::seconds(1))->not_after == second + engine::seconds(1));
  CHECK(validity(noon, hours(1), second).error() ==
        "refusing to sign a certificate that expired in the past: NotAfter=2026-07-01T12:00:00Z");
  CHECK(validity(noon, hours(1), second - engine::seconds(300)).error() ==
        "the signer has expired: NotAfter=2026-07-01T11:55:00Z");
}

TEST_CASE("what is asked for is granted between ten minutes and the signer's maximum") {
  const auto maximum = hours(24);
  CHECK(granted_lifetime(maximum, std::nullopt) == maximum);
  CHECK(granted_lifetime(maximum, 3600) == hours(1));
  CHECK(granted_lifetime(maximum, 86'400) == maximum);
  CHECK(granted_lifetime(maximum, 86'401) == maximum);
  CHECK(granted_lifetime(maximum, 2'147'483'647) == maximum);
  CHECK(granted_lifetime(maximum, 599) == engine::seconds(600));
  CHECK(granted_lifetime(engine::seconds(6), std::nullopt) == engine::seconds(6));
  CHECK(granted_lifetime(engine::seconds(6), 600) == engine::seconds(6));
}

TEST_CASE("each signer may have its own maximum") {
  SigningDurations durations;
  durations.by_signer[{"example.com/short"}] = engine::seconds(6);
  CHECK(durations.maximum({"example.com/short"}) == engine::seconds(6));
  CHECK(durations.maximum({"example.com/other"}) == hours(8760));
}

TEST_CASE("durations are written as in Go") {
  const auto parsed = [](const char* text) { return parse_duration(text).value().microseconds; };
  CHECK(parsed("8760h") == 31'536'000'000'000);
  CHECK(parsed("90s") == 90'000'000);
  CHECK(parsed("1h30m") == 5'400'000'000);
  CHECK(parsed("1.5h") == 5'400'000'000);
  CHECK(parsed("0.25s") == 250'000);
  CHECK(parsed(".5m") == 30'000'000);
  CHECK(parsed("100ms") == 100'000);
  CHECK(parsed("1us") == 1);
  CHECK(parsed("1µs") == 1);
  CHECK(parsed("1h0m1s") == 3'601'000'000);
  CHECK(parsed("876000h") == max_signing_duration.microseconds);
}

TEST_CASE("what is no duration is refused with its text") {
  const auto* text = GENERATE("", "0", "0s", "5", "h", ".h", "1x", "-1h", "1h-1m", "1 h", "876001h", "1ns",
                              "99999999999999999999h", "9223372036854775807s", "500000h500000h");
  INFO(text);
  const auto parsed = parse_duration(text);
  REQUIRE_FALSE(parsed);
  CHECK_THAT(parsed.error(), Catch::StartsWith("duration \"" + std::string(text) + "\" "));
}
