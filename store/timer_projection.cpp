#include "store/timer_projection.hpp"

namespace csrflow::store {

TimerProjection::TimerProjection(SQLite::Database& db, engine::HashFunction hash,
                                 std::unique_ptr<engine::FollowedRules> rules,
                                 std::unique_ptr<engine::EventReader> log)
    : hash_(hash), rules_(std::move(rules)), log_(std::move(log)), table_(db) {
  if (rules_ && log_) pass_.emplace(db, *log_, table_, hash_, *rules_);
}

void TimerProjection::apply(const engine::Record& record) {
  if (rules_) affected_.add(rules_->take(record));
  changed_[record.stamp.stream] = record.after;
  position_ = record.stamp.position;
}

void TimerProjection::finish() {
  // The rules are those after the batch's last event, and so are the states.
  for (const auto& [stream, state] : changed_)
    table_.replace(stream, engine::timers_of(stream, *state, hash_, rules_.get()));
  changed_.clear();
  if (pass_ && !affected_.none()) pass_->begin(affected_, position_);
  affected_ = {};
}

void TimerProjection::go_on(std::size_t requests, engine::Position position) {
  if (pass_) pass_->step(requests, position);
}

}  // namespace csrflow::store
