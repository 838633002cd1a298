#include "store/job_projection.hpp"

#include <SQLiteCpp/Database.h>

#include "engine/job_work.hpp"
#include "store/job_rows.hpp"

namespace csrflow::store {
namespace {

using engine::TargetPhase;

void run(SQLite::Statement& statement) {
  statement.exec();
  statement.reset();
}

}  // namespace

JobProjection::JobProjection(SQLite::Database& db)
    : any_(db.execAndGet("SELECT EXISTS (SELECT 1 FROM job_target)").getInt() != 0),
      job_(db, std::string("INSERT OR REPLACE INTO job (") + job_columns +
                   ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, "
                   "?18, ?19)"),
      // What was replaced between the look at the certificates and the record of the plan needs nothing more.
      target_(
          db,
          "INSERT INTO job_target (job, uid, kind, planned_at, stage, begins, name, serial, phase, since, "
          "attempt, lasting) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
          "CASE WHEN EXISTS (SELECT 1 FROM lineage WHERE predecessor_uid = ?2 AND rotated_at IS NOT NULL) "
          "THEN 'done' ELSE 'waiting' END, ?9, 0, 0)"),
      begun_(db,
             "UPDATE job_target SET phase = 'begun', since = ?3, attempt = ?5, lasting = 0 "
             "WHERE uid = ?1 AND kind = ?2 AND planned_at = ?4 AND phase IN ('waiting', 'failed')"),
      // What failed that was not the job's leaves it all its attempts.
      failed_(db,
              "UPDATE job_target SET phase = 'failed', since = ?3, lasting = ?6 AND planned_at = ?4, "
              "attempt = CASE WHEN planned_at = ?4 THEN ?5 ELSE 0 END "
              "WHERE uid = ?1 AND kind = ?2 AND phase IN ('waiting', 'begun', 'failed')"),
      ended_(db,
             "UPDATE job_target SET phase = ?4, since = ?3 "
             "WHERE uid = ?1 AND kind = ?2 AND phase NOT IN ('done', 'gone')") {}

void JobProjection::apply(const engine::Record& record) {
  if (const auto* csr = record.csr_event()) return apply(record, *csr);
  const auto* event = std::get_if<engine::JobEvent>(record.event.get());
  if (event == nullptr) return;
  const std::string name = record.stamp.stream.name();
  const auto& state = std::get<engine::JobState>(*record.after);
  if (!state.plan) return;
  bind_job(job_, name, state);
  run(job_);
  if (const auto* targets = std::get_if<engine::JobTargets>(event))
    add(name, state, *targets, record.stamp.recorded_at);
}

void JobProjection::add(const std::string& job, const engine::JobState& state,
                        const engine::JobTargets& event, engine::Timestamp at) {
  const std::string kind(name_of(state.plan->kind));
  for (const engine::JobTarget& target : event.targets) {
    target_.bind(1, job);
    target_.bind(2, target.uid.text);
    target_.bind(3, kind);
    target_.bind(4, static_cast<std::int64_t>(state.planned_at.value));
    target_.bind(5, static_cast<std::int64_t>(event.stage));
    target_.bind(6, target.offset.microseconds);
    target_.bind(7, target.name);
    target_.bind(8, target.serial.hex());
    target_.bind(9, at.microseconds);
    run(target_);
    any_ = true;
  }
}

void JobProjection::apply(const engine::Record& record, const engine::CsrEvent& event) {
  if (!any_) return;
  for (const engine::JobWork& work : engine::job_works()) {
    const auto step = work.step(event);
    if (!step) continue;
    const bool ends = step->phase == TargetPhase::done || step->phase == TargetPhase::gone;
    SQLite::Statement& change = ends ? ended_ : step->phase == TargetPhase::begun ? begun_ : failed_;
    change.bind(1, step->uid.text);
    change.bind(2, std::string(name_of(work.kind)));
    change.bind(3, record.stamp.recorded_at.microseconds);
    if (ends) {
      change.bind(4, std::string(name_of(step->phase)));
    } else {
      change.bind(4, static_cast<std::int64_t>(step->cause.value));
      change.bind(5, static_cast<std::int64_t>(step->attempt));
      if (step->phase == TargetPhase::failed) change.bind(6, step->lasting ? 1 : 0);
    }
    run(change);
  }
}

}  // namespace csrflow::store
