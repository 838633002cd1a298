// Sets of instants as intervals. `Intervals` are in order, disjoint and none is empty, unless it says
// otherwise. All functions are pure.
#pragma once

#include <span>

#include "engine/time_windows.hpp"

namespace csrflow::engine {

using Intervals = std::vector<Interval>;

/// What is in any of them, whatever their order and overlaps.
Intervals united(Intervals);
/// What of the intervals is inside `range`.
Intervals within(const Intervals&, Interval range);
/// What of `range` is in none of them.
Intervals gaps(const Intervals&, Interval range);

Duration length(const Intervals&);
/// The first, or last, `most` of their time; all of it when there is less.
Intervals first_part(const Intervals&, Duration most);
Intervals last_part(const Intervals&, Duration most);
/// The instant after `way` of their time: 0 ≤ way < length.
Timestamp along(const Intervals&, Duration way);

}  // namespace csrflow::engine
