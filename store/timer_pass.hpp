// When a rotation policy, a sink or a signer changes, the timers of many certificates change that have no
// event of their own. Their streams are gone through again, some at a time between batches of events, so that
// a million of them hold nothing up; how far it came is in the view, in the transaction of the rows.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <memory>
#include <optional>

#include "engine/followed_rules.hpp"
#include "engine/ports.hpp"
#include "store/timer_table.hpp"

namespace csrflow::store {

/// Belongs to its connection's thread. At its end every stream has the timers of its state under the rules,
/// in whatever order rules and streams changed meanwhile. Throws SQLite::Exception, engine::LogFailure,
/// engine::UnreadableEvent.
class TimerPass {
 public:
  /// All outlive it; `rules` answer as of the view's position.
  TimerPass(SQLite::Database&, engine::EventReader&, TimerTable&, engine::HashFunction,
            const engine::StandingRules&);

  bool under_way() const { return work_.has_value(); }
  /// A change of the rules, at the view's new position. One that comes during a pass is taken along: the pass
  /// goes on to its end, and then once more up to where it was.
  void begin(const engine::AffectedTimers&, engine::Position);
  /// Goes on with the next requests, at most so many, as of the view's position.
  void step(std::size_t requests, engine::Position);

 private:
  struct Work {
    engine::AffectedTimers affected;
    std::string after;
    bool wraps = false;
    std::optional<std::string> until;
  };
  void load(SQLite::Database&);
  void save();
  std::vector<std::string> names_after(const std::string&, std::size_t limit);
  void compute(const engine::StreamId&, std::span<const engine::StoredEvent>);
  void compute_request(const std::string& name, engine::Position);
  void compute_authorities(engine::Position);

  engine::EventReader& log_;
  TimerTable& table_;
  engine::HashFunction hash_;
  const engine::StandingRules& rules_;
  SQLite::Statement names_;
  SQLite::Statement save_;
  SQLite::Statement end_;
  std::optional<Work> work_;
};

}  // namespace csrflow::store
