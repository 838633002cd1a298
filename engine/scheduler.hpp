// Fires what is due. It looks at the timers' view, never at the certificates, and sends commands through the
// writer's door like everybody.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/clock_watch.hpp"
#include "engine/firing.hpp"

namespace csrflow::engine {

/// The longest sleep between two looks, so that none outlives a jump of the wall clock.
constexpr Duration longest_sleep = seconds(1);

/// What else the scheduler stands on; all of it outlives it.
struct Surroundings {
  /// Since any fixed instant; empty: the wall clock never jumps.
  std::function<Duration()> monotonic = {};
  /// Does the kernel say that the wall clock is kept right? Empty: nobody knows.
  std::function<bool()> synchronised = {};
  /// Asked on the scheduler's thread too. Null: there are only requests' annotations.
  const StandingRules* rules = nullptr;
  /// Among the writer's followers. Null: a rotation counts as under way only until it is written.
  CommitWatch* commits = nullptr;
};

class Scheduler {
 public:
  using Workers = TimerWorkers;
  using Complain = std::function<void(const std::string&)>;
  using Around = Surroundings;

  /// `complain` hears why something has to wait.
  Scheduler(std::unique_ptr<TimerSource>, Writer&, const Clock&, HashFunction, Workers, Complain,
            Around = {});
  ~Scheduler();

  /// Finishes what was left half-done, then fires what is due until `stop`.
  void start();
  void stop();

  /// One look: fires what is due now, and waits for the answers. Returns how many timers it fired.
  std::size_t tick();
  /// What a start does first: every open signature and every approved request without one; and a note in the
  /// log, where the time away made something late. A start on time leaves no trace.
  void recover();
  /// How long until the next look.
  Duration until_next_look();

 private:
  void run(std::stop_token);
  ClockReading read_clocks() const;
  void follow_clock(const ClockReading&, const ClockJudgement&);
  void note_resumed(std::string_view why, Timestamp last_seen, Timestamp now);

  std::unique_ptr<TimerSource> source_;
  Writer& writer_;
  const Clock& clock_;
  const Complain complain_;
  const Around around_;
  Firing firing_;
  ClockWatch clock_watch_;
  Timestamp last_seen_;
  /// The last look before a jump forward that is held.
  std::optional<Timestamp> before_jump_;
  std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace csrflow::engine
