#include "engine/clock_watch.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using Kind = ClockJudgement::Kind;

namespace {

const Timestamp noon = time_of("2026-03-01T12:00:00Z");

/// A machine whose clock can be set, and a log that is written by it.
struct Machine {
  ClockWatch watch;
  ClockReading clocks{noon, seconds(5)};
  Timestamp recorded = noon;

  void pass(Duration time) {
    clocks.wall = clocks.wall + time;
    clocks.monotonic = clocks.monotonic + time;
  }
  void set(Duration by) { clocks.wall = clocks.wall + by; }
  ClockJudgement look() { return watch.look(clocks, recorded); }
  ClockJudgement after(Duration time) {
    pass(time);
    return look();
  }
};

}  // namespace

TEST_CASE("a clock that runs evenly is normal, however long the sleep") {
  Machine machine;
  CHECK(machine.look().kind == Kind::normal);
  CHECK(machine.after(seconds(1)).kind == Kind::normal);
  CHECK(machine.after(days(2)).kind == Kind::normal);
  CHECK(machine.after(seconds(1)).jump == Duration{});
}

TEST_CASE("jumps from a day back to thirty days forward") {
  struct Example {
    Duration jump;
    Kind kind;
  };
  const Example examples[] = {
      {Duration{} - days(1), Kind::behind},
      {Duration{} - seconds(301), Kind::behind},
      {Duration{} - seconds(300), Kind::normal},
      {Duration{} - seconds(1), Kind::normal},
      {seconds(1), Kind::normal},
      {hours(1), Kind::normal},
      {hours(1) + Duration{1}, Kind::held},
      {days(1), Kind::held},
      {days(30), Kind::held},
  };
  for (const Example& e : examples) {
    INFO(e.jump.microseconds);
    Machine machine;
    machine.look();
    machine.pass(seconds(1));
    machine.recorded = machine.clocks.wall;
    machine.set(e.jump);
    const ClockJudgement judgement = machine.look();
    CHECK(judgement.kind == e.kind);
    CHECK(judgement.jump == e.jump);
    CHECK(judgement.begins == (e.kind != Kind::normal));
  }
}

TEST_CASE("a jump forward holds rotations and expiry for a minute, and is said once") {
  Machine machine;
  machine.look();
  machine.set(days(30));
  const ClockJudgement first = machine.look();
  CHECK_FALSE(first.rotations_and_expiry());
  CHECK(first.signatures());
  CHECK(first.held_until == machine.clocks.monotonic + seconds(60));
  const ClockJudgement second = machine.after(seconds(59));
  CHECK(second.kind == Kind::held);
  CHECK_FALSE(second.begins);
  CHECK(machine.after(seconds(1)).rotations_and_expiry());
}

TEST_CASE("a second jump while one is held begins the minute anew") {
  Machine machine;
  machine.look();
  machine.set(days(1));
  machine.look();
  machine.pass(seconds(50));
  machine.set(days(1));
  machine.look();
  CHECK(machine.after(seconds(59)).kind == Kind::held);
  CHECK(machine.after(seconds(1)).kind == Kind::normal);
}

TEST_CASE("a jump that is taken back ends the hold: nothing fired meanwhile") {
  Machine machine;
  machine.look();
  machine.set(days(30));
  REQUIRE(machine.look().kind == Kind::held);
  machine.set(Duration{} - days(30));
  CHECK(machine.look().kind == Kind::normal);
}

TEST_CASE(
    "when people's events were recorded during a wrong hour, nothing is signed until it has caught up") {
  Machine machine;
  machine.look();
  machine.set(days(1));
  machine.look();
  machine.recorded = machine.clocks.wall;
  machine.set(Duration{} - days(1));
  const ClockJudgement judgement = machine.look();
  CHECK(judgement.kind == Kind::behind);
  CHECK_FALSE(judgement.signatures());
  CHECK(judgement.rotations_and_expiry());
  CHECK(judgement.right_again == machine.recorded - seconds(300));
  machine.pass(judgement.right_again - machine.clocks.wall);
  CHECK(machine.look().kind == Kind::normal);
}

TEST_CASE("a start with a clock before the log's last event by more than five minutes") {
  Machine machine;
  machine.recorded = noon + seconds(300);
  CHECK(machine.look().kind == Kind::normal);
  Machine later;
  later.recorded = noon + seconds(300) + Duration{1};
  CHECK(later.look().kind == Kind::behind);
}

TEST_CASE(
    "whatever the clock does, a jump of more than an hour is held at once, and none for longer than a "
    "minute") {
  CHECK(rc::check("jumps", [] {
    Machine machine;
    machine.look();
    std::optional<Duration> jumped;
    for (int i = 0; i < 40; ++i) {
      const Duration jump{
          *rc::gen::element<std::int64_t>(0, 0, 0, 1, 3'600, 3'601, 86'400, 30 * 86'400, -3'600, -86'400) *
          1'000'000};
      machine.pass(seconds(*rc::gen::inRange(0, 40)));
      machine.set(jump);
      machine.recorded = std::max(machine.recorded, machine.clocks.wall);
      const ClockJudgement judgement = machine.look();
      if (jump > hours(1)) jumped = machine.clocks.monotonic;
      RC_ASSERT((jump <= hours(1) || judgement.kind == Kind::held));
      const bool long_ago = !jumped || machine.clocks.monotonic >= *jumped + seconds(60);
      RC_ASSERT((!long_ago || judgement.kind != Kind::held));
    }
  }));
}
