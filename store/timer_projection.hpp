// What is due, and when.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <map>

#include "engine/timers.hpp"
#include "store/projection.hpp"

namespace csrflow::store {

class TimerProjection final : public Projection {
 public:
  TimerProjection(SQLite::Database&, engine::HashFunction);
  void apply(const engine::Record&) override;
  void finish() override;

 private:
  struct Change {
    std::vector<engine::Timer> before;
    std::shared_ptr<const engine::State> after;
  };
  void run(SQLite::Statement&, const engine::Timer&, bool whole);

  engine::HashFunction hash_;
  SQLite::Statement add_;
  SQLite::Statement remove_;
  std::int64_t added_;  // number of the row that was added last
  // By stream: its timers as stored, and its state as of the batch's last event.
  std::map<engine::StreamId, Change> changes_;
};

}  // namespace csrflow::store
