// The scheduler's look at the timers' view.
#pragma once

#include <SQLiteCpp/Statement.h>

#include <memory>

#include "engine/scheduler.hpp"
#include "engine/views.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// Belongs to the scheduler's thread. Throws SQLite::Exception, StoreError, engine::LogFailure.
class SqliteTimerSource final : public engine::TimerSource {
 public:
  /// `views` is the projector of the same directory; it outlives this.
  SqliteTimerSource(const DataFiles&, engine::ObjectViews& views, std::unique_ptr<engine::EventReader>);

  void reach(engine::Position) override;
  std::vector<engine::Timer> due(engine::Timestamp now, std::size_t limit) override;
  std::vector<engine::Timer> newly_due(engine::DueCursor&, engine::Timestamp now, std::size_t limit) override;
  std::vector<engine::DueCount> due_by_kind(engine::Timestamp now) override;
  std::optional<engine::Timestamp> next_after(engine::Timestamp now) override;
  std::shared_ptr<const engine::State> state(const engine::StreamId&) override;
  std::vector<engine::Timer> unfinished() override;

 private:
  std::vector<engine::Timer> added_before(engine::DueCursor&, std::size_t limit);
  void read_on(engine::DueCursor&, engine::Timestamp now, std::size_t limit, std::vector<engine::Timer>&);

  engine::ObjectViews& views_;
  std::unique_ptr<engine::EventReader> log_;
  std::unique_ptr<SQLite::Database> db_;
  SQLite::Statement due_;
  SQLite::Statement added_;
  SQLite::Statement newest_;
  SQLite::Statement further_;
  SQLite::Statement by_kind_;
  SQLite::Statement next_;
  SQLite::Statement unfinished_;
};

}  // namespace csrflow::store
