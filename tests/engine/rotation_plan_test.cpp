#include "engine/rotation_plan.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using csrflow::test::sha256;
using nlohmann::json;

namespace {

const Timestamp begin_2026 = time_of("2026-01-01T00:00:00Z");
/// 2026-01-01 to 2026-04-10T23:59:59Z.
const Validity hundred_days{begin_2026, begin_2026 + days(100) - seconds(1)};
constexpr std::uint64_t half = std::uint64_t{1} << 63;

Intervals intervals_in(const json& pairs) {
  Intervals found;
  for (const json& pair : pairs) found.push_back({time_of(pair.at(0)), time_of(pair.at(1))});
  return found;
}
RotationRules with_blackouts(const Intervals& blackouts) {
  RotationRules rules;
  rules.blackouts.assign(blackouts.begin(), blackouts.end());
  return rules;
}
PlacedRotation placed(const RotationRules& rules, const Rotatable& r, std::uint64_t jitter) {
  return place_rotation(window_of(rules, r), r.validity, jitter, blackouts_of(rules, r.validity));
}
PlacedRotation placed(const Intervals& blackouts, const Validity& validity, std::uint64_t jitter) {
  return placed(with_blackouts(blackouts), Rotatable{.validity = validity}, jitter);
}

const TimeZone berlin = *TimeZone::find("Europe/Berlin");
CalendarWindow weekly(const char* text) {
  return WeeklyWindow{berlin, *parse_time_window(text)};
}

}  // namespace

TEST_CASE("windows and instants of the vectors come out of the default rules") {
  const json cases = rotation_vectors().at("jitter");
  for (const json& c : cases) {
    INFO(c.dump());
    const RotationPlan plan = plan_rotation(
        {},
        {.stream = {c.at("stream")},
         .serial = serial_of(c.at("serial")),
         .validity = {.begin = time_of(c.at("notBefore")), .not_after = time_of(c.at("notAfter"))}},
        sha256);
    CHECK(plan.window == Window{time_of(c.at("windowStart")), time_of(c.at("windowEnd"))});
    CHECK(plan.due == time_of(c.at("due")));
    CHECK(plan.placement == Placement::in_window);
  }
}

TEST_CASE("blackouts of the vectors move the instant to the microsecond") {
  const json cases = rotation_vectors().at("blackouts");
  REQUIRE(cases.size() > 50);
  for (const json& c : cases) {
    INFO(c.dump());
    const PlacedRotation rotation =
        placed(intervals_in(c.at("blackouts")), {time_of(c.at("notBefore")), time_of(c.at("notAfter"))},
               jitter_of(c.at("h")));
    CHECK(rfc3339_micro(rotation.due) == rfc3339_micro(time_of(c.at("due"))));
    CHECK(name_of(rotation.placement) == c.at("how").get<std::string>());
  }
}

TEST_CASE("blackouts, worked examples") {
  struct Example {
    std::uint64_t jitter;
    const char *from, *to, *due;
    Placement placement;
  };
  const Example examples[] = {
      {half, "03-07", "03-09", "2026-03-10T12:00:00Z", Placement::in_window},
      {half / 2, "03-07", "03-09", "2026-03-05T06:00:00Z", Placement::in_window},
      {half, "03-01", "03-20", "2026-02-21T12:00:00Z", Placement::early},
      {half, "02-01", "03-20", "2026-03-24T18:00:00Z", Placement::late},
      {half, "01-01", "06-20", "2026-03-09T12:00:00Z", Placement::blackout_ignored},
  };
  const auto midnight = [](const char* day) { return time_of(std::string("2026-") + day + "T00:00:00Z"); };
  for (const Example& e : examples) {
    INFO(e.from << " to " << e.to);
    const PlacedRotation rotation = placed({{midnight(e.from), midnight(e.to)}}, hundred_days, e.jitter);
    CHECK(rfc3339_seconds(rotation.due) == e.due);
    CHECK(rotation.placement == e.placement);
  }
}

TEST_CASE("a time before expiry counts from the first instant that is no longer valid") {
  RotationRules rules;
  rules.when = BeforeExpiry{days(30), days(20)};
  const ChosenWindow chosen = window_of(rules, {.validity = hundred_days});
  CHECK(chosen.window == Window{begin_2026 + days(70), begin_2026 + days(80)});
  CHECK_FALSE(chosen.fraction_instead);
}

TEST_CASE("where the time before expiry is longer than the lifetime, the default fraction holds") {
  RotationRules rules;
  rules.when = BeforeExpiry{days(100), days(20)};
  const ChosenWindow chosen = window_of(rules, {.validity = hundred_days});
  CHECK(chosen.fraction_instead);
  CHECK(chosen.window == rotation_window(hundred_days));
}

TEST_CASE("a window from outside is taken as it is, up to the reserve at the end") {
  RotationRules rules;
  const Window past{begin_2026 - days(2), begin_2026 - days(1)};
  rules.when = past;
  CHECK(window_of(rules, {.validity = hundred_days}).window == past);
  rules.when = Window{begin_2026 + days(90), begin_2026 + days(200)};
  CHECK(window_of(rules, {.validity = hundred_days}).window ==
        Window{begin_2026 + days(90), hundred_days.not_after - days(5)});
}

TEST_CASE("certificates made in bulk have a wider first window") {
  const RotationRules rules;
  CHECK(window_of(rules, {.validity = hundred_days, .bulk = true}).window ==
        Window{begin_2026 + days(30), begin_2026 + days(75)});
  RotationRules by_time;
  by_time.when = BeforeExpiry{days(30), days(20)};
  CHECK(window_of(by_time, {.validity = hundred_days, .bulk = true}).window.start == begin_2026 + days(70));
}

TEST_CASE("canaries go before the others") {
  const RotationRules rules;
  CHECK(window_of(rules, {.validity = hundred_days, .canary = true}).window ==
        Window{begin_2026 + days(55), begin_2026 + days(70)});
}

TEST_CASE("a certificate that becomes known inside its window has the rest of it, a minute from then") {
  const Timestamp known = begin_2026 + days(65);
  const ChosenWindow chosen = window_of({}, {.validity = hundred_days, .known_since = known});
  CHECK(chosen.belated);
  CHECK(chosen.window == Window{known + seconds(60), begin_2026 + days(75)});
}

TEST_CASE("a certificate that becomes known after its window rotates within ten minutes, and an eighth") {
  const Timestamp known = begin_2026 + days(90);
  const Rotatable late{
      .stream = {"csr/web-1"}, .serial = {"\x01"}, .validity = hundred_days, .known_since = known};
  const RotationPlan plan = plan_rotation({}, late, sha256);
  CHECK(plan.window == Window{known, known + seconds(600)});
  CHECK(plan.due >= known);
  CHECK(plan.due < known + seconds(600));

  Rotatable later = late;
  later.known_since = hundred_days.not_after - seconds(80);
  CHECK(window_of({}, later).window == Window{*later.known_since, *later.known_since + seconds(10)});
  later.known_since = hundred_days.not_after + days(1);
  CHECK(plan_rotation({}, later, sha256).due == later.known_since);
}

TEST_CASE("a belated rotation waits for the end of a blackout and never moves into the past") {
  const Timestamp known = begin_2026 + days(80);
  const RotationRules rules = with_blackouts({{known - days(1), known + days(1)}});
  const PlacedRotation rotation =
      placed(rules, Rotatable{.validity = hundred_days, .known_since = known}, half);
  CHECK(rotation.placement == Placement::late);
  CHECK(rotation.due == known + days(1) + seconds(300));
}

TEST_CASE("no blackout counts in the last eighth of the lifetime") {
  RotationRules rules = with_blackouts({{begin_2026, begin_2026 + days(100)}});
  rules.when = WindowRule{.from = 850'000, .to = 950'000};
  const PlacedRotation rotation = placed(rules, Rotatable{.validity = hundred_days}, 0);
  CHECK(rotation.placement == Placement::in_window);
  CHECK(rotation.due == begin_2026 + Duration{days(100).microseconds / 8 * 7});
}

TEST_CASE("maintenance windows are the only times, in the middle of the lifetime") {
  RotationRules rules;
  rules.allow = Calendar{weekly("Tue 02:00-04:00")};
  std::mt19937_64 random(20260301);
  for (int i = 0; i < 500; ++i) {
    const PlacedRotation rotation = placed(rules, Rotatable{.validity = hundred_days}, random());
    const LocalTime wall = berlin.local(rotation.due);
    CHECK(rotation.placement == Placement::in_window);
    CHECK(weekday(wall.day) == 1);
    CHECK(wall.minute / 60 >= 2);
    CHECK(wall.minute / 60 < 4);
  }
  // A blackout inside of the only maintenance windows of the rotation's window leaves those before it.
  rules.blackouts.push_back(Interval{begin_2026 + days(59), begin_2026 + days(76)});
  const PlacedRotation moved = placed(rules, Rotatable{.validity = hundred_days}, half);
  CHECK(moved.placement == Placement::early);
  CHECK(weekday(berlin.local(moved.due).day) == 1);
  // No maintenance at all would mean never: the window is kept, and it is said.
  rules.allow = Calendar{};
  CHECK(placed(rules, Rotatable{.validity = hundred_days}, half).placement == Placement::blackout_ignored);
}

TEST_CASE("a lifetime of seconds has one instant, whatever is blacked out") {
  for (std::int64_t length = 1; length <= 12; ++length) {
    INFO(length);
    const Validity validity{begin_2026, begin_2026 + seconds(length - 1)};
    const PlacedRotation rotation = placed({{begin_2026 - days(1), begin_2026 + days(1)}}, validity, half);
    CHECK(rotation.due >= begin_2026);
    CHECK(rotation.due <= std::max(begin_2026, validity.not_after - seconds(1)));
  }
}

TEST_CASE("a certificate is at risk when a tenth is left, or what the policy says") {
  RotationRules rules;
  CHECK(plan_rotation(rules, {.validity = hundred_days}, sha256).at_risk ==
        hundred_days.not_after - days(10));
  rules.alerts.at_risk = 250'000;
  CHECK(plan_rotation(rules, {.validity = hundred_days}, sha256).at_risk ==
        hundred_days.not_after - days(25));
}

TEST_CASE("an expired certificate has its grace: a lifetime, and a week at most") {
  RotationRules rules;
  CHECK(end_of_grace(rules, hundred_days) == hundred_days.not_after + days(7));
  const Validity hour{begin_2026, begin_2026 + seconds(3599)};
  CHECK(end_of_grace(rules, hour) == hour.not_after + hours(1));
  rules.renew_expired = false;
  CHECK(end_of_grace(rules, hour) == hour.not_after);
}

TEST_CASE("a key is renewed until it is too old, too often renewed, or known to others") {
  RotationRules rules;
  rules.mode = RotationMode::renew;
  const KeyPast key{.first_signed = time_of("2025-06-01T00:00:00Z"), .generation = 3};
  CHECK(mode_of(rules, key, time_of("2026-05-31T23:59:59Z")).mode == RotationMode::renew);
  const ChosenMode aged = mode_of(rules, key, time_of("2026-06-03T00:00:00Z"));
  CHECK(aged.mode == RotationMode::rekey);
  CHECK(aged.reason == "MaxKeyAge");

  rules.limits.max_renewals = 3;
  CHECK(mode_of(rules, key, time_of("2026-01-01T00:00:00Z")).mode == RotationMode::renew);
  rules.limits.max_renewals = 2;
  CHECK(mode_of(rules, key, time_of("2026-01-01T00:00:00Z")).reason == "MaxRenewals");
  CHECK(mode_of(rules, {.first_signed = key.first_signed, .compromised = true}, begin_2026).reason ==
        "KeyCompromise");
}

TEST_CASE("other modes stay what they are") {
  for (const RotationMode mode : {RotationMode::rekey, RotationMode::announce, RotationMode::none}) {
    RotationRules rules;
    rules.mode = mode;
    CHECK(mode_of(rules, {.first_signed = {}, .compromised = true}, begin_2026).mode == mode);
    CHECK(mode_of(rules, {.first_signed = {}, .compromised = true}, begin_2026).reason.empty());
  }
}
