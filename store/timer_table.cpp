#include "store/timer_table.hpp"

#include <algorithm>

#include "store/reset.hpp"
#include "store/timer_rows.hpp"

namespace csrflow::store {

TimerTable::TimerTable(SQLite::Database& db)
    : stored_(db, std::string(select_timers) + "WHERE stream = ?1"),
      add_(db,
           "INSERT INTO timer (stream, kind, cause, attempt, due, not_after, added) "
           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      remove_(db, "DELETE FROM timer WHERE stream = ?1 AND kind = ?2 AND cause = ?3 AND attempt = ?4"),
      added_(db.execAndGet("SELECT coalesce(max(added), 0) FROM timer").getInt64()) {}

void TimerTable::replace(const engine::StreamId& stream, const std::vector<engine::Timer>& timers) {
  const auto before = stored(stream);
  const auto holds = [](const std::vector<engine::Timer>& all, const engine::Timer& timer) {
    return std::ranges::find(all, timer) != all.end();
  };
  // All removals first: a timer whose due time moved keeps its key.
  for (const auto& timer : before)
    if (!holds(timers, timer)) run(remove_, timer, false);
  for (const auto& timer : timers)
    if (!holds(before, timer)) run(add_, timer, true);
}

std::vector<engine::Timer> TimerTable::stored(const engine::StreamId& stream) {
  const Reset reset(stored_);
  stored_.bindNoCopy(1, stream.text);
  std::vector<engine::Timer> timers;
  while (stored_.executeStep()) timers.push_back(timer_in(stored_));
  return timers;
}

void TimerTable::run(SQLite::Statement& statement, const engine::Timer& timer, bool whole) {
  const std::string kind(engine::name_of(timer.kind));
  statement.bindNoCopy(1, timer.stream.text);
  statement.bindNoCopy(2, kind);
  statement.bind(3, static_cast<std::int64_t>(timer.cause.value));
  statement.bind(4, static_cast<std::int64_t>(timer.attempt));
  if (whole) {
    statement.bind(5, timer.due.microseconds);
    statement.bind(6, timer.not_after.microseconds);
    statement.bind(7, ++added_);
  }
  statement.exec();
  statement.reset();
}

}  // namespace csrflow::store
