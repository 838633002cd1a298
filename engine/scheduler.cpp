#include "engine/scheduler.hpp"

#include <algorithm>

#include "engine/duration.hpp"

namespace csrflow::engine {
namespace {

/// Between two looks while the writer is busy, and at least while caps hold rotations back: so many pass at
/// once then.
constexpr Duration busy_wait{20'000}, cap_wait{10'000};
/// Who was away for no longer was not away.
constexpr Duration short_absence = seconds(60);
/// By less the clock is corrected all the time.
constexpr Duration small_correction = seconds(1);

}  // namespace

Scheduler::Scheduler(std::unique_ptr<TimerSource> source, Writer& writer, const Clock& clock,
                     HashFunction hash, Workers workers, Complain complain, Around around)
    : source_(std::move(source)),
      writer_(writer),
      clock_(clock),
      complain_(std::move(complain)),
      around_(std::move(around)),
      firing_({*source_, writer, hash, around_.rules, around_.commits,
               [this] { return read_clocks().monotonic; }},
              std::move(workers), complain_, clock.now()) {}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

void Scheduler::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::run(std::stop_token stop) {
  stop_ = stop;
  bool recovered = false;
  while (!stop.stop_requested()) {
    Duration wait = longest_sleep;
    try {
      if (!recovered) recover();
      recovered = true;
      tick();
      wait = until_next_look();
    } catch (const std::exception& e) {
      complain_(std::string("the scheduler cannot read its timers: ") + e.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::microseconds(wait.microseconds), [] { return false; });
  }
}

ClockReading Scheduler::read_clocks() const {
  const Timestamp wall = clock_.now();
  return {wall, around_.monotonic ? around_.monotonic() : wall - Timestamp{}};
}

Duration Scheduler::until_next_look() {
  if (firing_.writer_is_busy()) return busy_wait;
  if (firing_.has_more()) return {};
  const ClockReading clock = read_clocks();
  Duration wait = longest_sleep;
  if (const auto next = source_->next_after(clock.wall)) wait = std::min(wait, *next - clock.wall);
  if (const auto next = firing_.next(clock)) wait = std::min(wait, std::max(*next, cap_wait));
  return std::max(wait, Duration{});
}

std::size_t Scheduler::tick() {
  const ClockReading clock = read_clocks();
  const Timestamp recorded = around_.commits ? around_.commits->last() : Timestamp{};
  const ClockJudgement judgement = clock_watch_.look(clock, recorded);
  source_->reach(writer_.head());
  follow_clock(clock, judgement);
  firing_.begin(clock, stop_);
  std::size_t fired = firing_.half_done();
  if (judgement.signatures()) fired += firing_.unsigned_yet();
  if (judgement.rotations_and_expiry()) fired += firing_.by_time();
  firing_.end();
  return fired;
}

void Scheduler::recover() {
  const ClockReading clock = read_clocks();
  source_->reach(writer_.head());
  if (around_.commits) note_resumed("start", around_.commits->before(), clock.wall);
  last_seen_ = clock.wall;
  firing_.recover(clock);
  firing_.half_done();
}

// ---- the clock ----------------------------------------------------------------------------------

void Scheduler::follow_clock(const ClockReading& clock, const ClockJudgement& judgement) {
  if (judgement.jump < Duration{} - small_correction) firing_.start_over(clock);
  using Kind = ClockJudgement::Kind;
  if (judgement.kind == Kind::held && judgement.begins) {
    before_jump_ = last_seen_;
    const bool known = static_cast<bool>(around_.synchronised);
    complain_("the clock went forward by " + duration_text(judgement.jump) +
              ": nothing rotates or expires for " + duration_text(hold_after_jump) +
              (!known                   ? ""
               : around_.synchronised() ? "; the kernel says that it is synchronised"
                                        : "; the kernel says that it is NOT synchronised: check the time "
                                          "service, and set the clock before the minute is over"));
  }
  if (judgement.kind == Kind::behind && judgement.begins)
    complain_("the clock is behind the last event: nothing is signed before " +
              rfc3339_seconds(judgement.right_again) + "; set the clock if it is wrong");
  if (judgement.kind != Kind::held && before_jump_) {
    // A jump that was taken back changed nothing.
    if (clock.wall - *before_jump_ > tolerated_jump) note_resumed("clock", *before_jump_, clock.wall);
    before_jump_.reset();
  }
  last_seen_ = clock.wall;
}

void Scheduler::note_resumed(std::string_view why, Timestamp last_seen, Timestamp now) {
  if (last_seen == Timestamp{} || now - last_seen <= short_absence) return;
  NoteResumed resumed{.last_seen = last_seen, .at = now, .why = std::string(why), .due = {}};
  for (const DueCount& count : source_->due_by_kind(now))
    resumed.due[std::string(name_of(count.kind))] = std::to_string(count.due);
  if (!resumed.due.empty()) firing_.note(std::move(resumed));
}

}  // namespace csrflow::engine
