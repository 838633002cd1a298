// What is due when, for somebody who looks beside a running server, or with none running.
#pragma once

#include <string>
#include <vector>

#include "engine/timers.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

struct TimerList {
  std::vector<engine::Timer> timers;  ///< in due order
  engine::Position position;          ///< of the log, that they are the timers of
  /// Why the view was not used and the whole log was read instead; empty: it was used.
  std::string read_whole_log_because;
};

/// The first `limit` timers as of the log's head: from the view, and from the streams of events that it does
/// not show yet. Changes nothing. Throws StoreError, engine::LogFailure,
/// engine::UnreadableEvent.
TimerList list_timers(const DataFiles&, engine::HashFunction, std::size_t limit);

}  // namespace csrflow::store
