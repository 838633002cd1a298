#include "store/timer_source.hpp"

#include <future>

#include "engine/streams.hpp"
#include "store/error.hpp"
#include "store/object_reader.hpp"
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
      next_(*db_, "SELECT min(due) FROM timer WHERE due > ?1"),
      unfinished_(*db_, std::string(select_timers) + "WHERE kind IN ('sign', 'resume-sign')" + in_due_order) {
}

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
