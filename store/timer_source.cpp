#include "store/timer_source.hpp"

#include <algorithm>
#include <future>

#include "engine/streams.hpp"
#include "store/error.hpp"
#include "store/object_reader.hpp"
#include "store/reset.hpp"
#include "store/sqlite.hpp"
#include "store/timer_rows.hpp"

namespace csrflow::store {
namespace {

std::vector<engine::Timer> timers_of(SQLite::Statement& statement) {
  std::vector<engine::Timer> timers;
  while (statement.executeStep()) timers.push_back(timer_in(statement));
  statement.reset();
  return timers;
}

}  // namespace

SqliteTimerSource::SqliteTimerSource(const DataFiles& files, engine::ObjectViews& views,
                                     std::unique_ptr<engine::EventReader> log)
    : views_(views),
      log_(std::move(log)),
      db_(open_views(files)),
      due_(*db_, std::string(select_timers) + "WHERE due <= ?1" + in_due_order + " LIMIT ?2"),
      added_(*db_, std::string(select_timers) + "WHERE added > ?1 AND due <= ?2 ORDER BY added"),
      newest_(*db_, "SELECT coalesce(max(added), 0) FROM timer"),
      further_(*db_, std::string(select_timers) +
                         "WHERE (due, cause, stream, kind, attempt) > (?3, ?4, ?5, ?6, ?7) AND due <= ?1" +
                         in_due_order + " LIMIT ?2"),
      by_kind_(*db_, "SELECT kind, count(*) FROM timer INDEXED BY timer_due WHERE due <= ?1 GROUP BY kind"),
      next_(*db_, "SELECT min(due) FROM timer WHERE due > ?1"),
      // The order alone would have SQLite go through all timers.
      unfinished_(*db_, std::string(select_timers) +
                            "INDEXED BY timer_unfinished WHERE kind IN ('sign', 'resume-sign')" +
                            in_due_order) {}

void SqliteTimerSource::reach(engine::Position position) {
  std::promise<void> promise;
  auto reached = promise.get_future();
  views_.when_reached(position, [promise = std::move(promise)]() mutable { promise.set_value(); });
  try {
    reached.get();
  } catch (const std::future_error&) {
    throw StoreError("the views ended before they reached position " + std::to_string(position.value));
  }
}

std::vector<engine::Timer> SqliteTimerSource::due(engine::Timestamp now, std::size_t limit) {
  due_.bind(1, now.microseconds);
  due_.bind(2, static_cast<std::int64_t>(limit));
  return timers_of(due_);
}

std::vector<engine::Timer> SqliteTimerSource::newly_due(engine::DueCursor& cursor, engine::Timestamp now,
                                                        std::size_t limit) {
  const ReadTransaction transaction(*db_);
  auto timers = added_before(cursor, limit);
  if (timers.size() < limit) read_on(cursor, now, limit - timers.size(), timers);
  return timers;
}

// What was added since the last look, of the part that was read then.
std::vector<engine::Timer> SqliteTimerSource::added_before(engine::DueCursor& cursor, std::size_t limit) {
  std::vector<engine::Timer> timers;
  if (cursor.last) {
    const Reset reset(added_);
    added_.bind(1, static_cast<std::int64_t>(cursor.added));
    added_.bind(2, cursor.last->due.microseconds);
    while (timers.size() < limit && added_.executeStep()) {
      cursor.added = static_cast<std::uint64_t>(added_.getColumn(added_column).getInt64());
      if (auto timer = timer_in(added_); !in_order(*cursor.last, timer)) timers.push_back(std::move(timer));
    }
    if (timers.size() == limit) return timers;
  }
  const Reset reset(newest_);
  newest_.executeStep();
  cursor.added = std::max(cursor.added, static_cast<std::uint64_t>(newest_.getColumn(0).getInt64()));
  return timers;
}

void SqliteTimerSource::read_on(engine::DueCursor& cursor, engine::Timestamp now, std::size_t limit,
                                std::vector<engine::Timer>& timers) {
  SQLite::Statement& rows = cursor.last ? further_ : due_;
  const Reset reset(rows);
  rows.bind(1, now.microseconds);
  rows.bind(2, static_cast<std::int64_t>(limit));
  if (cursor.last) {
    rows.bind(3, cursor.last->due.microseconds);
    rows.bind(4, static_cast<std::int64_t>(cursor.last->cause.value));
    rows.bind(5, cursor.last->stream.text);
    rows.bind(6, std::string(name_of(cursor.last->kind)));
    rows.bind(7, static_cast<std::int64_t>(cursor.last->attempt));
  }
  const std::size_t before = timers.size();
  while (rows.executeStep()) timers.push_back(timer_in(rows));
  if (timers.size() > before) cursor.last = timers.back();
}

std::vector<engine::DueCount> SqliteTimerSource::due_by_kind(engine::Timestamp now) {
  const Reset reset(by_kind_);
  by_kind_.bind(1, now.microseconds);
  std::vector<engine::DueCount> counts;
  while (by_kind_.executeStep())
    counts.push_back({kind_in(by_kind_, 0), static_cast<std::uint64_t>(by_kind_.getColumn(1).getInt64())});
  return counts;
}

std::optional<engine::Timestamp> SqliteTimerSource::next_after(engine::Timestamp now) {
  next_.bind(1, now.microseconds);
  next_.executeStep();
  std::optional<engine::Timestamp> next;
  if (!next_.getColumn(0).isNull()) next = engine::Timestamp{next_.getColumn(0).getInt64()};
  next_.reset();
  return next;
}

std::shared_ptr<const engine::State> SqliteTimerSource::state(const engine::StreamId& stream) {
  return std::make_shared<const engine::State>(engine::fold(stream, log_->stream(stream)));
}

std::vector<engine::Timer> SqliteTimerSource::unfinished() {
  return timers_of(unfinished_);
}

}  // namespace csrflow::store
