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

}  // namespace csrflow::engine
