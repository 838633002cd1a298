// In which order timers that are due at the same look are done, after a night or after a week of downtime.
#pragma once

#include "engine/timers.hpp"

namespace csrflow::engine {

/// What goes first, from the first on.
enum class Rank : std::uint8_t {
  half_done,     ///< signatures that were begun
  unsigned_yet,  ///< approved requests that wait for theirs
  truth,         ///< about validity, and whatever else is only recorded
  rotation,
  under_grace,  ///< rotations of certificates that have expired
  news          ///< alerts and notifications
};
Rank rank_of(const Timer&, Timestamp now);

/// Half-done signatures first, then approved requests that wait for theirs, then the truth about validity and
/// the rest by due time, then rotations: the smallest notAfter first, then due, then the stream's bytes;
/// those of certificates that have expired at `now` after them; alerts and notifications last. A strict weak
/// order.
bool goes_before(const Timer&, const Timer&, Timestamp now);

}  // namespace csrflow::engine
