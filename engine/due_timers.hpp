// The timers that are due and not done. Each is read from the view once and waits here: for its turn, for its
// back-off, or for a worker.
#pragma once

#include <array>
#include <map>
#include <set>
#include <unordered_set>

#include "engine/catch_up.hpp"
#include "engine/timer_source.hpp"

namespace csrflow::engine {

struct DueTimer {
  Timer timer;
  std::uint32_t failures = 0;      ///< in a row
  std::optional<Duration> handed;  ///< when a worker got it, on the monotonic clock
  bool summarised = false;         ///< an alert that was told of together with others
  bool probe = false;              ///< the one that shows whether its signer works again
};

/// Belongs to the scheduler's thread. Instants of waiting are the monotonic clock's, so that no jump of the
/// wall clock makes a wait long or short.
class DueTimers {
 public:
  /// Beyond so many that wait for a turn, nothing is read until some are done; beyond so many that wait for
  /// something else, one is dropped, and read again later.
  static constexpr std::size_t most_ready = 100'000, most_held = 20'000;
  /// The view is read from its beginning this often, or this long after something was dropped.
  static constexpr Duration read_anew_every = seconds(600), read_anew_after_drop = seconds(30);

  explicit DueTimers(TimerSource& source) : source_(source) {}

  /// Reads on: those that are due and not known, at most `limit`. From then on they are known, until
  /// `forget`.
  std::vector<Timer> read(Timestamp now, Duration monotonic, std::size_t limit);
  /// Has everything been read that is due, or as much as can wait here?
  bool read_enough() const { return complete_ || all_ready() >= most_ready; }
  /// Makes a timer known that was found otherwise; false: it is already.
  bool know(const Timer&);
  /// It is done, or no longer in the view: when it comes again, it is new.
  void forget(const Timer&);
  /// It cannot be kept: it is read again later.
  void drop(const Timer&, Duration monotonic);
  /// After a clock that was set back: nothing of what was due counts, but for what a worker has.
  void start_over();

  /// For its turn.
  void put(DueTimer);
  /// The next of the rank, at most `most`; only those with due ≤ `now`.
  std::vector<DueTimer> take(Rank, std::size_t most, Timestamp now);
  std::size_t ready(Rank rank) const { return ready_[static_cast<std::size_t>(rank)].size(); }
  /// Of this kind that wait for their turn and were not told of together with others.
  std::size_t untold(TimerKind) const;

  /// Until an instant.
  void wait(DueTimer, Duration until, Duration monotonic);
  /// Those whose instant has come wait for their turn.
  void wake(Duration monotonic);
  std::optional<Duration> next_wake() const;
  /// How many wait for an instant.
  std::size_t held() const { return held_.size(); }

 private:
  struct InOrder {
    bool operator()(const DueTimer&, const DueTimer&) const;
  };
  static constexpr std::size_t ranks = static_cast<std::size_t>(Rank::news) + 1;
  static std::uint64_t key_of(const Timer&);
  std::size_t all_ready() const;

  TimerSource& source_;
  DueCursor cursor_;
  bool complete_ = false;
  std::optional<Duration> read_anew_at_;
  /// Of all that were read and are not done, here or elsewhere. 64 bits are enough: one that is taken for
  /// another is read again with the view's next reading.
  std::unordered_set<std::uint64_t> known_;
  std::array<std::set<DueTimer, InOrder>, ranks> ready_;
  std::map<TimerKind, std::size_t> untold_;
  std::multimap<Duration, DueTimer> held_;
};

}  // namespace csrflow::engine
