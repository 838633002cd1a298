// Fires what is due. It looks at the timers' view, never at the certificates, and sends commands through the
// writer's door like everybody.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "engine/timers.hpp"
#include "engine/writer.hpp"

namespace csrflow::engine {

constexpr std::size_t timers_per_tick = 64;
/// The longest sleep between two looks, so that none outlives a jump of the wall clock.
constexpr Duration longest_sleep = seconds(1);

/// The timers' view. Belongs to the scheduler's thread.
struct TimerSource {
  virtual ~TimerSource() = default;
  /// Waits until the view shows everything up to `position`.
  virtual void reach(Position position) = 0;
  /// Timers with due ≤ now, in due order, at most `limit`.
  virtual std::vector<Timer> due(Timestamp now, std::size_t limit) = 0;
  /// When the first timer after `now` is due.
  virtual std::optional<Timestamp> next_after(Timestamp now) = 0;
  /// The stream's state as of now.
  virtual std::shared_ptr<const State> state(const StreamId&) = 0;
  /// What was left half-done: every resume-sign and sign timer, whatever its due time.
  virtual std::vector<Timer> unfinished() = 0;
};

class Scheduler {
 public:
  /// Who does what takes long; they send the results to the writer.
  struct Workers {
    std::function<void(SigningTask)> sign;      ///< hands bytes to the signer again
    std::function<void(DeliveryTask)> deliver;  ///< carries a notification to its receiver
  };
  using Complain = std::function<void(const std::string&)>;

  /// `complain` hears why something has to wait.
  Scheduler(std::unique_ptr<TimerSource>, Writer&, const Clock&, HashFunction, Workers, Complain);
  ~Scheduler();

  /// Finishes what was left half-done, then fires what is due until `stop`.
  void start();
  void stop();

  /// One look: fires what is due now. Returns how many timers it fired.
  std::size_t tick();
  /// What a start does first: every open signature and every approved request without one.
  std::size_t recover();
  /// How long until the next look.
  Duration until_next_look();

 private:
  /// A timer that could not be done yet.
  struct Deferred {
    std::uint32_t failures = 0;
    Timestamp until;
  };
  using Key = std::tuple<TimerKind, std::string, std::uint64_t, std::uint32_t>;

  static Key key_of(const Timer& t) { return {t.kind, t.stream.text, t.cause.value, t.attempt}; }
  void forget_all_but(const std::vector<Timer>& due);
  void run(std::stop_token);
  bool hand_over(const Timer&, const State&, Timestamp now);
  std::size_t fire(std::vector<Timer>);
  void finished(const Timer&, const std::expected<Outcome, Refusal>&, Timestamp now);
  bool deferred(const Timer&, Timestamp now) const;
  void defer(const Timer&, Duration, Timestamp now);

  std::unique_ptr<TimerSource> source_;
  Writer& writer_;
  const Clock& clock_;
  HashFunction hash_;
  Workers workers_;
  Complain complain_;
  std::map<Key, Deferred> deferred_;  // owned by the scheduler's thread
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace csrflow::engine
