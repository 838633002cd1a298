#include "store/views.hpp"

#include "store/certificate_projection.hpp"
#include "store/count_projection.hpp"
#include "store/delivery_projection.hpp"
#include "store/error.hpp"
#include "store/job_projection.hpp"
#include "store/lineage_projection.hpp"
#include "store/object_projection.hpp"
#include "store/sqlite.hpp"
#include "store/unreplaced_projection.hpp"

namespace csrflow::store {

const std::vector<ViewTable>& view_tables() {
  static const std::vector<ViewTable> tables = {
      {"object", {"resource", "name"}},
      {"certificate", {"signed_at"}},
      {"timer", {"stream", "kind", "cause", "attempt"}, "added"},
      {"lineage", {"uid"}},
      {"past", {"position"}},
      {"counted", {"member", "recorded_at", "position"}},
      {"key_use", {"spki", "position"}},
      {"request_count", {"signer", "state"}},
      {"unreplaced", {"signed_at"}},
      {"job", {"name"}},
      {"job_target", {"job", "uid"}},
      {"open_delivery", {"stream"}},
  };
  return tables;
}

Views::Views(SQLite::Database& db, const engine::ObjectPresenter& presenter, engine::HashFunction hash,
             RequestForms forms, const RulesAt& rules, std::unique_ptr<engine::EventReader> log)
    : db_(db),
      move_on_(db, "UPDATE reached SET position = ?1"),
      position_{static_cast<std::uint64_t>(db.execAndGet("SELECT position FROM reached").getInt64())} {
  projections_.push_back(std::make_unique<ObjectProjection>(db, presenter));
  projections_.push_back(std::make_unique<CertificateProjection>(db));
  auto timers =
      std::make_unique<TimerProjection>(db, hash, rules ? rules(position_) : nullptr, std::move(log));
  timers_ = timers.get();
  projections_.push_back(std::move(timers));
  projections_.push_back(std::make_unique<LineageProjection>(db));
  projections_.push_back(std::make_unique<JobProjection>(db));
  projections_.push_back(std::make_unique<PastProjection>(db, hash, forms));
  projections_.push_back(std::make_unique<CountProjection>(db));
  projections_.push_back(std::make_unique<UnreplacedProjection>(db));
  projections_.push_back(std::make_unique<DeliveryProjection>(db));
}

void Views::apply(std::span<const engine::Record> records) {
  if (records.empty()) return;
  WriteTransaction transaction(db_);
  engine::Position position = position_;
  for (const auto& record : records) {
    ++position.value;
    if (record.stamp.position != position)
      throw StoreError("the views are at position " + std::to_string(position.value - 1) +
                       " and were given position " + std::to_string(record.stamp.position.value));
    for (const auto& projection : projections_) projection->apply(record);
  }
  for (const auto& projection : projections_) projection->finish();
  move_on_.bind(1, static_cast<std::int64_t>(position.value));
  move_on_.exec();
  move_on_.reset();
  transaction.commit();
  position_ = position;
}

void Views::go_on(std::size_t requests) {
  WriteTransaction transaction(db_);
  timers_->go_on(requests, position_);
  transaction.commit();
}

}  // namespace csrflow::store
