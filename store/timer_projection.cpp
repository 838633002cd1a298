#include "store/timer_projection.hpp"

#include <SQLiteCpp/Database.h>

#include <algorithm>

namespace csrflow::store {
namespace {

bool holds(const std::vector<engine::Timer>& timers, const engine::Timer& timer) {
  return std::find(timers.begin(), timers.end(), timer) != timers.end();
}

}  // namespace

TimerProjection::TimerProjection(SQLite::Database& db, engine::HashFunction hash)
    : hash_(hash),
      add_(db,
           "INSERT INTO timer (stream, kind, cause, attempt, due, not_after, added) "
           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"),
      remove_(db, "DELETE FROM timer WHERE stream = ?1 AND kind = ?2 AND cause = ?3 AND attempt = ?4"),
      added_(db.execAndGet("SELECT coalesce(max(added), 0) FROM timer").getInt64()) {}

void TimerProjection::apply(const engine::Record& record) {
  const auto [it, first] = changes_.try_emplace(record.stamp.stream);
  if (first) it->second.before = engine::timers_of(record.stamp.stream, *record.before, hash_, nullptr);
  it->second.after = record.after;
}

void TimerProjection::finish() {
  for (const auto& [stream, change] : changes_) {
    const auto after = engine::timers_of(stream, *change.after, hash_, nullptr);
    // All removals first: a timer whose due time moved keeps its key.
    for (const auto& timer : change.before)
      if (!holds(after, timer)) run(remove_, timer, false);
    for (const auto& timer : after)
      if (!holds(change.before, timer)) run(add_, timer, true);
  }
  changes_.clear();
}

void TimerProjection::run(SQLite::Statement& statement, const engine::Timer& timer, bool whole) {
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
