// What is due when, for somebody who looks beside a running server, or with none running.
#pragma once

#include <string>
#include <vector>

#include "engine/timers.hpp"
#include "store/data_directory.hpp"
#include "store/timer_rules.hpp"

namespace csrflow::store {

struct TimerList {
  std::vector<engine::Timer> timers;  ///< in due order
  /// Of the first `most_explained` timers: what the certificate rotates by; empty: nothing.
  std::vector<std::string> policies;
  engine::Position position;  ///< of the log, that they are the timers of
  /// Why the view was not used and the whole log was read instead; empty: it was used.
  std::string read_whole_log_because;
};

/// The first `limit` timers as of the log's head: from the view, and from the streams of events that it does
/// not show yet; from the whole log, when the rules have changed and the view's timers have not all followed.
/// Changes nothing. Throws StoreError, engine::LogFailure, engine::UnreadableEvent.
TimerList list_timers(const DataFiles&, engine::HashFunction, std::size_t limit, const RulesAt& rules = {});
constexpr std::size_t most_explained = 10'000;

}  // namespace csrflow::store
