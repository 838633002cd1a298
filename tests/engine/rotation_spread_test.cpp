// What must hold of any rotation, over drawn certificates, policies and blackouts.
#include <array>
#include <random>

#include "engine/rotation_plan.hpp"
#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using csrflow::test::sha256;

namespace {

constexpr std::uint64_t seed = 20260301;
const Timestamp begin_2026 = time_of("2026-01-01T00:00:00Z");

class Draw {
 public:
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }
  std::uint64_t bits() { return random_(); }
  Serial serial() {
    Serial serial;
    for (int i = 0; i < 16; ++i) serial.content += static_cast<char>(between(0, 255));
    return serial;
  }
  /// A lifetime between a minute and ten years; short ones as likely as long ones.
  Validity validity() {
    constexpr std::array<std::int64_t, 8> lengths{60,      600,       3'600,     86'400,
                                                  604'800, 4'060'800, 8'640'000, 315'360'000};
    const std::int64_t length = between(60, lengths.at(static_cast<std::size_t>(between(0, 7))));
    const Timestamp begin = begin_2026 + seconds(between(0, 86'400 * 365));
    return {begin, begin + seconds(length - 1)};
  }
  Calendar blackouts(const Validity& validity) {
    Calendar calendar;
    const std::int64_t length = validity.length().microseconds;
    for (std::int64_t n = between(0, 4); n > 0; --n) {
      const Timestamp from = validity.begin + Duration{between(0, length)};
      calendar.push_back(Interval{from, from + Duration{between(0, length / 2)}});
    }
    return calendar;
  }

 private:
  std::mt19937_64 random_{seed};
};

/// χ² of counts that should be equal.
double chi_square(const std::vector<std::int64_t>& counts, double expected) {
  double sum = 0;
  for (const std::int64_t count : counts) {
    const double off = static_cast<double>(count) - expected;
    sum += off * off / expected;
  }
  return sum;
}
// p = 0.001 for 99 degrees of freedom.
constexpr double chi_square_limit = 148.23;
constexpr std::size_t bins = 100;

std::vector<std::int64_t> spread(std::int64_t certificates, const Validity& validity,
                                 const std::function<Serial(std::int64_t)>& serial,
                                 const std::function<StreamId(std::int64_t)>& stream) {
  const Window window = rotation_window(validity);
  const std::int64_t bin = (window.end - window.start).microseconds / static_cast<std::int64_t>(bins);
  std::vector<std::int64_t> counts(bins);
  for (std::int64_t i = 0; i < certificates; ++i) {
    const RotationPlan plan =
        plan_rotation({}, {.stream = stream(i), .serial = serial(i), .validity = validity}, sha256);
    ++counts.at(static_cast<std::size_t>((plan.due - window.start).microseconds / bin));
  }
  return counts;
}

bool blacked_out(const RotationRules& rules, const Validity& validity, Timestamp t) {
  return !blackouts_of(rules, validity)({t, t + Duration{1}}).empty();
}

}  // namespace

TEST_CASE("a million certificates of one moment spread evenly over their window") {
  Draw draw;
  const Validity validity{begin_2026, begin_2026 + days(47) - seconds(1)};
  const auto counts = spread(
      1'000'000, validity, [&](std::int64_t) { return draw.serial(); },
      [](std::int64_t i) { return csr_stream("host-" + std::to_string(i)); });
  CHECK(chi_square(counts, 10'000) < chi_square_limit);
  for (const std::int64_t count : counts) {
    CHECK(count > 9'500);
    CHECK(count < 10'500);
  }
}

TEST_CASE("so do imported ones whose serials are 1, 2, 3, and one stream's generations") {
  const Validity validity{begin_2026, begin_2026 + days(1) - seconds(1)};
  const auto imported = spread(
      100'000, validity,
      [](std::int64_t i) {
        return serial_of(i % 3 == 0 ? "01" : i % 3 == 1 ? "02" : "03");
      },
      [](std::int64_t i) { return csr_stream("host-" + std::to_string(i)); });
  CHECK(chi_square(imported, 1'000) < chi_square_limit);
  Draw draw;
  const auto generations = spread(
      100'000, validity, [&](std::int64_t) { return draw.serial(); },
      [](std::int64_t) { return csr_stream("web-1"); });
  CHECK(chi_square(generations, 1'000) < chi_square_limit);
}

TEST_CASE("without blackouts the instant is inside the window, and equal inputs give equal instants") {
  Draw draw;
  for (int i = 0; i < 20'000; ++i) {
    const Rotatable r{
        .stream = csr_stream("h" + std::to_string(i)), .serial = draw.serial(), .validity = draw.validity()};
    const RotationPlan plan = plan_rotation({}, r, sha256);
    INFO(i << ' ' << rfc3339_micro(plan.due));
    REQUIRE(plan.window.start <= plan.due);
    REQUIRE(plan.due < plan.window.end);
    REQUIRE(plan.due == plan_rotation({}, r, sha256).due);
    REQUIRE(plan.window.start >= r.validity.begin);
    REQUIRE(plan.window.end < r.validity.not_after);
  }
}

TEST_CASE("a later notAfter never makes it due earlier") {
  Draw draw;
  for (int i = 0; i < 20'000; ++i) {
    const Validity one = draw.validity();
    const Validity longer{one.begin, one.not_after + seconds(draw.between(0, 100))};
    const std::uint64_t jitter = draw.bits();
    INFO(i);
    REQUIRE(rotation_instant(rotation_window(one), jitter) <=
            rotation_instant(rotation_window(longer), jitter));
  }
}

TEST_CASE("no rotation is in a blackout unless no other moment is left, and none is late for it") {
  Draw draw;
  int ignored = 0, moved = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Validity validity = draw.validity();
    RotationRules rules;
    rules.blackouts = draw.blackouts(validity);
    const ChosenWindow chosen = window_of(rules, {.validity = validity});
    const PlacedRotation rotation =
        place_rotation(chosen, validity, draw.bits(), blackouts_of(rules, validity));
    INFO(i << ' ' << name_of(rotation.placement) << ' ' << rfc3339_micro(rotation.due));
    const auto part = [&](std::int64_t percent) {
      return validity.begin + Duration{validity.length().microseconds / 1000 * percent};
    };
    REQUIRE(rotation.due >= part(399));
    REQUIRE(rotation.due < part(876) + Duration{1'000});
    switch (rotation.placement) {
      case Placement::in_window:
        REQUIRE_FALSE(blacked_out(rules, validity, rotation.due));
        REQUIRE(rotation.due >= chosen.window.start);
        REQUIRE(rotation.due < chosen.window.end);
        break;
      case Placement::early:
        ++moved;
        REQUIRE_FALSE(blacked_out(rules, validity, rotation.due));
        REQUIRE(rotation.due < chosen.window.start);
        break;
      case Placement::late:
        ++moved;
        REQUIRE_FALSE(blacked_out(rules, validity, rotation.due));
        REQUIRE(rotation.due >= chosen.window.end);
        break;
      case Placement::blackout_ignored: {
        ++ignored;
        const Interval all{part(400), part(875)};
        REQUIRE(length(gaps(blackouts_of(rules, validity)(all), all)) < Duration{2'000});
        break;
      }
    }
  }
  CHECK(moved > 100);
  CHECK(ignored > 10);
}

TEST_CASE("nothing piles up at a blackout's ends") {
  Draw draw;
  const Validity validity{begin_2026, begin_2026 + days(100) - seconds(1)};
  RotationRules rules;
  rules.blackouts.push_back(Interval{begin_2026 + days(62), begin_2026 + days(72)});
  std::vector<std::int64_t> days_due(100);
  for (int i = 0; i < 50'000; ++i) {
    const PlacedRotation rotation = place_rotation(window_of(rules, {.validity = validity}), validity,
                                                   draw.bits(), blackouts_of(rules, validity));
    ++days_due.at(static_cast<std::size_t>((rotation.due - begin_2026).microseconds / days(1).microseconds));
  }
  for (const std::size_t day : {60U, 61U, 72U, 73U, 74U}) {
    INFO(day);
    CHECK(days_due.at(day) > 9'500);
    CHECK(days_due.at(day) < 10'500);
  }
}
