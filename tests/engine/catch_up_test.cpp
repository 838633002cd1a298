#include "engine/catch_up.hpp"

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;

namespace {

Timer timer(TimerKind kind, const char* name, const char* due, const char* not_after) {
  return {.kind = kind,
          .stream = csr_stream(name),
          .due = time_of(std::string("2026-") + due + "T00:00:00Z"),
          .not_after = time_of(std::string("2026-") + not_after + "T00:00:00Z")};
}

std::vector<std::string> in_order(std::vector<Timer> timers, Timestamp now) {
  std::ranges::sort(timers, [&](const Timer& a, const Timer& b) { return goes_before(a, b, now); });
  std::vector<std::string> texts;
  for (const Timer& t : timers) texts.push_back(std::string(name_of(t.kind)) + ' ' + t.stream.name());
  return texts;
}
using Texts = std::vector<std::string>;
const Timestamp back = time_of("2026-03-08T00:00:00Z");

}  // namespace

TEST_CASE("after a week of downtime: what expired is said first, then the nearest expiry") {
  CHECK(in_order(
            {timer(TimerKind::rotate, "a", "03-02", "03-03"), timer(TimerKind::rotate, "c", "03-02", "04-30"),
             timer(TimerKind::rotate, "b", "03-05", "03-20"), timer(TimerKind::rotate, "d", "03-07", "03-09"),
             timer(TimerKind::expire, "a", "03-03", "03-03")},
            back) == Texts{"expire a", "rotate d", "rotate b", "rotate c", "rotate a"});
}

TEST_CASE("half-done signatures go before everything, and equals by due time and name") {
  CHECK(in_order(
            {timer(TimerKind::rotate_retry, "w", "03-06", "04-01"),
             timer(TimerKind::rotate, "z", "03-05", "04-01"), timer(TimerKind::rotate, "y", "03-05", "04-01"),
             timer(TimerKind::expire, "x", "03-01", "03-01"),
             timer(TimerKind::evaluate, "v", "03-02", "01-01"), timer(TimerKind::sign, "u", "03-07", "01-01"),
             timer(TimerKind::resume_sign, "t", "03-08", "04-01")},
            back) ==
        Texts{"resume-sign t", "sign u", "expire x", "evaluate v", "rotate y", "rotate z", "rotate-retry w"});
}
