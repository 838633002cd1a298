// The views as one whole: all projections over one connection, moved on batch by batch.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "engine/ports.hpp"
#include "engine/views.hpp"
#include "store/past_projection.hpp"
#include "store/timer_projection.hpp"

namespace csrflow::store {

constexpr std::int32_t views_application_id = 0x63737276;  // "csrv"

/// A table that equals the fold of the log, and the columns that name a row.
struct ViewTable {
  std::string_view name;
  std::vector<std::string_view> key;
  std::string_view incidental = {};  ///< a column that says nothing of the log
};
const std::vector<ViewTable>& view_tables();

/// Belongs to its connection's thread. After an exception it is of no use any more.
class Views {
 public:
  /// `db` has the schema; both outlive this. `log` is read by `go_on`.
  Views(SQLite::Database&, const engine::ObjectPresenter&, engine::HashFunction, RequestForms,
        const RulesAt& rules = {}, std::unique_ptr<engine::EventReader> log = {});

  engine::Position position() const { return position_; }
  /// Applies the records, which follow `position()` without a gap, in one transaction.
  void apply(std::span<const engine::Record>);

  /// Have the rules changed, and not all timers been computed anew?
  bool timers_pending() const { return timers_->pass_under_way(); }
  /// Computes those of so many requests, in one transaction.
  void go_on(std::size_t requests = requests_per_step);
  static constexpr std::size_t requests_per_step = 256;  // a few tens of milliseconds

 private:
  SQLite::Database& db_;
  SQLite::Statement move_on_;
  std::vector<std::unique_ptr<Projection>> projections_;
  TimerProjection* timers_;  // one of them
  engine::Position position_;
};

}  // namespace csrflow::store
