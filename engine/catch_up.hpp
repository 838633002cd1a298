// In which order timers that are due at the same look are done, after a night or after a week of downtime.
#pragma once

#include "engine/timers.hpp"

namespace csrflow::engine {

/// Half-done signatures first, then approved requests that wait for theirs, then the truth about validity and
/// the rest by due time, then rotations: the smallest notAfter first, then due, then the stream's bytes;
/// those of certificates that have expired at `now` after them; alerts and notifications last. A strict weak
/// order.
bool goes_before(const Timer&, const Timer&, Timestamp now);

}  // namespace csrflow::engine
