// The timers' view, as the scheduler reads it.
#pragma once

#include "engine/timers.hpp"

namespace csrflow::engine {

/// How far somebody has read the timers that are due; at first: nothing is read.
struct DueCursor {
  std::optional<Timer> last;  ///< in the view's order
  std::uint64_t added = 0;  ///< of the rows, as they were added: up to which nothing before `last` is unread
};
struct DueCount {
  TimerKind kind{};
  std::uint64_t due = 0;
};

/// The timers' view. Belongs to the scheduler's thread.
struct TimerSource {
  virtual ~TimerSource() = default;
  /// Waits until the view shows everything up to `position`.
  virtual void reach(Position position) = 0;
  /// Timers with due ≤ now, in due order, at most `limit`.
  virtual std::vector<Timer> due(Timestamp now, std::size_t limit) = 0;
  /// Each timer with due ≤ now once, at most `limit` at a time, and moves the cursor: first those that were
  /// added since the last look before the place where that ended, then on from there in due order. Touches
  /// only those that it returns and those that were added. One that was replaced comes again as it is now;
  /// whoever kept the old one finds that its stream has moved on. After a clock that was set back, begin with
  /// a new cursor.
  virtual std::vector<Timer> newly_due(DueCursor&, Timestamp now, std::size_t limit) = 0;
  /// How many are due, of the kinds of which some are; goes over all of them.
  virtual std::vector<DueCount> due_by_kind(Timestamp now) = 0;
  /// When the first timer after `now` is due.
  virtual std::optional<Timestamp> next_after(Timestamp now) = 0;
  /// The stream's state as of now.
  virtual std::shared_ptr<const State> state(const StreamId&) = 0;
  /// What was left half-done: every resume-sign and sign timer, whatever its due time.
  virtual std::vector<Timer> unfinished() = 0;
};

}  // namespace csrflow::engine
