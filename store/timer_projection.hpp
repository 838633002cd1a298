// What is due, and when.
#pragma once

#include <map>

#include "store/projection.hpp"
#include "store/timer_pass.hpp"
#include "store/timer_rules.hpp"

namespace csrflow::store {

/// A stream's rows are the timers of its state under the rules that stand; after a change of the rules, they
/// are so once the pass has ended.
class TimerProjection final : public Projection {
 public:
  /// Null rules: there are none. `log` is read by the passes.
  TimerProjection(SQLite::Database&, engine::HashFunction, std::unique_ptr<engine::FollowedRules>,
                  std::unique_ptr<engine::EventReader> log);
  void apply(const engine::Record&) override;
  void finish() override;

  bool pass_under_way() const { return pass_ && pass_->under_way(); }
  /// In a transaction: goes on with the pass, at most so many requests.
  void go_on(std::size_t requests, engine::Position);

 private:
  engine::HashFunction hash_;
  const std::unique_ptr<engine::FollowedRules> rules_;
  const std::unique_ptr<engine::EventReader> log_;
  TimerTable table_;
  std::optional<TimerPass> pass_;  // none without rules
  engine::AffectedTimers affected_;
  engine::Position position_;
  // By stream: its state as of the batch's last event.
  std::map<engine::StreamId, std::shared_ptr<const engine::State>> changed_;
};

}  // namespace csrflow::store
