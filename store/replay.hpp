// Proves that the views are the fold of the log: folds it again and compares.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/ports.hpp"
#include "engine/views.hpp"
#include "store/past_projection.hpp"
#include "store/timer_rules.hpp"

namespace csrflow::store {

struct Difference {
  std::string key;   ///< `certificatesigningrequests, jane`
  std::string what;  ///< `tail: views.db has "…", the log gives "…"`
};
constexpr std::size_t differences_told = 5;

struct TableReport {
  std::string table;
  std::uint64_t rows = 0;         ///< that the log gives
  std::uint64_t differing = 0;    ///< rows that differ, are missing, or are too many
  std::vector<Difference> first;  ///< at most `differences_told`
};

struct ReplayReport {
  engine::Position position;          ///< what was compared: the views' own
  engine::Position head;              ///< of the log, at the end
  std::uint64_t events = 0;           ///< folded
  std::chrono::microseconds taken{};  ///< without the waiting
  std::vector<TableReport> tables;
  /// The rules have changed, and the views' timers are still being computed anew: they were not compared.
  bool timers_pending = false;

  bool equal() const;
};

/// Folds events 1 … V into fresh views in memory and compares every row with views.db, V being the position
/// of one read transaction on it. Waits up to `replay_patience` for the views of a running server to reach
/// the head and to have all timers computed. Reads only; never locks the directory. `progress` hears the
/// position folded and the head. Throws StoreError, engine::LogFailure, engine::UnreadableEvent.
ReplayReport replay(const std::filesystem::path& directory, const engine::ObjectPresenter&,
                    engine::HashFunction, RequestForms,
                    const std::function<void(engine::Position done, engine::Position total)>& progress = {},
                    const RulesAt& rules = {});
constexpr std::chrono::seconds replay_patience{5};

}  // namespace csrflow::store
