// The rows of the timers' view, written.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <vector>

#include "engine/timers.hpp"

namespace csrflow::store {

/// Belongs to its connection's thread.
class TimerTable {
 public:
  explicit TimerTable(SQLite::Database&);

  /// Makes the stream's rows these. What is there already stays as it is.
  void replace(const engine::StreamId&, const std::vector<engine::Timer>&);

 private:
  std::vector<engine::Timer> stored(const engine::StreamId&);
  void run(SQLite::Statement&, const engine::Timer&, bool whole);

  SQLite::Statement stored_;
  SQLite::Statement add_;
  SQLite::Statement remove_;
  std::int64_t added_;  // number of the row that was added last
};

}  // namespace csrflow::store
