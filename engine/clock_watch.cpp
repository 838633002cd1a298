#include "engine/clock_watch.hpp"

namespace csrflow::engine {

ClockJudgement ClockWatch::look(const ClockReading& reading, Timestamp recorded) {
  const Duration jump =
      last_ ? reading.wall - last_->wall - (reading.monotonic - last_->monotonic) : Duration{};
  last_ = reading;
  if (jump > tolerated_jump) {
    hold_ = Hold{reading.monotonic + hold_after_jump, jump};
  } else if (hold_) {
    // A jump that is taken back while it is held was the mistake that the hold is for.
    hold_->jump = hold_->jump + jump;
    if (reading.monotonic >= hold_->until || hold_->jump <= tolerated_jump) hold_.reset();
  }
  ClockJudgement judgement = judge(reading, recorded, jump);
  judgement.begins = judgement.kind != ClockJudgement::Kind::normal && judgement.kind != said_;
  said_ = judgement.kind;
  return judgement;
}

ClockJudgement ClockWatch::judge(const ClockReading& reading, Timestamp recorded, Duration jump) {
  if (hold_) return {.kind = ClockJudgement::Kind::held, .jump = jump, .held_until = hold_->until};
  if (recorded - reading.wall > tolerated_lag)
    return {.kind = ClockJudgement::Kind::behind, .jump = jump, .right_again = recorded - tolerated_lag};
  return {.jump = jump};
}

}  // namespace csrflow::engine
