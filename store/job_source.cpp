#include "store/job_source.hpp"

#include "store/error.hpp"
#include "store/job_rows.hpp"
#include "store/object_reader.hpp"
#include "store/reached_views.hpp"
#include "store/reset.hpp"
#include "store/sqlite.hpp"

namespace csrflow::store {
namespace {

constexpr std::string_view target_columns = "SELECT name, uid, serial, begins, attempt FROM job_target ";

engine::JobStep step_in(const SQLite::Statement& row) {
  auto serial = engine::from_hex(row.getColumn(2).getString());
  if (!serial) throw StoreError("views.db is damaged: a job's serial number is no hex");
  return {.target = {.name = row.getColumn(0).getString(),
                     .uid = {row.getColumn(1).getString()},
                     .serial = {std::move(*serial)},
                     .offset = {row.getColumn(3).getInt64()}},
          .attempt = static_cast<std::uint32_t>(row.getColumn(4).getInt64()) + 1};
}

std::vector<engine::JobStep> steps_of(SQLite::Statement& rows) {
  const Reset reset(rows);
  std::vector<engine::JobStep> steps;
  while (rows.executeStep()) steps.push_back(step_in(rows));
  return steps;
}

void bind_stage(SQLite::Statement& statement, const std::string& job, std::uint32_t stage) {
  statement.bind(1, job);
  statement.bind(2, static_cast<std::int64_t>(stage));
}

std::uint64_t count_of(SQLite::Statement& statement) {
  const Reset reset(statement);
  statement.executeStep();
  return static_cast<std::uint64_t>(statement.getColumn(0).getInt64());
}

}  // namespace

SqliteJobSource::SqliteJobSource(const DataFiles& files, engine::ObjectViews& views)
    : views_(views),
      db_(open_views(files)),
      jobs_(*db_, std::string("SELECT ") + job_columns +
                      " FROM job WHERE ?1 OR phase NOT IN ('finished', 'cancelled') ORDER BY name"),
      job_(*db_, std::string("SELECT ") + job_columns + " FROM job WHERE name = ?1"),
      due_(*db_, std::string(target_columns) +
                     "WHERE job = ?1 AND stage = ?2 AND phase = 'waiting' AND (begins, uid) > (?3, ?4) "
                     "AND begins <= ?5 ORDER BY begins, uid LIMIT ?6"),
      retries_(*db_, std::string(target_columns) +
                         "WHERE job = ?1 AND stage = ?2 AND phase = 'failed' AND since <= ?3 AND lasting = 0 "
                         "AND attempt < ?4 AND begins <= ?5 ORDER BY since, uid LIMIT ?6"),
      phases_(*db_, "SELECT phase, count(*) FROM job_target WHERE job = ?1 AND stage = ?2 GROUP BY phase"),
      failed_(*db_,
              "SELECT count(*) FROM job_target WHERE job = ?1 AND stage = ?2 AND phase = 'failed' "
              "AND (lasting = 1 OR attempt >= ?3)"),
      late_(*db_,
            "SELECT count(*) FROM job_target WHERE job = ?1 AND stage = ?2 AND phase = 'begun' "
            "AND since < ?3"),
      unbegun_(*db_,
               "SELECT count(*) FROM job_target WHERE job = ?1 AND stage = ?2 AND phase = 'waiting' "
               "AND begins <= ?3"),
      missing_(*db_,
               "SELECT name FROM job_target WHERE job = ?1 AND phase NOT IN ('done', 'gone') "
               "ORDER BY stage, begins, uid LIMIT ?2") {}

void SqliteJobSource::reach(engine::Position position) {
  wait_until_reached(views_, position);
}

std::vector<engine::JobEntry> SqliteJobSource::jobs(bool all) {
  const Reset reset(jobs_);
  jobs_.bind(1, all ? 1 : 0);
  std::vector<engine::JobEntry> found;
  while (jobs_.executeStep()) found.push_back(job_in(jobs_));
  return found;
}

std::optional<engine::JobEntry> SqliteJobSource::job(const std::string& name) {
  const Reset reset(job_);
  job_.bind(1, name);
  if (!job_.executeStep()) return std::nullopt;
  return job_in(job_);
}

std::vector<engine::JobStep> SqliteJobSource::due(const std::string& job, std::uint32_t stage,
                                                  const engine::TargetCursor& cursor, engine::Duration passed,
                                                  std::size_t limit) {
  bind_stage(due_, job, stage);
  due_.bind(3, cursor.offset.microseconds);
  due_.bind(4, cursor.uid);
  due_.bind(5, passed.microseconds);
  due_.bind(6, static_cast<std::int64_t>(limit));
  return steps_of(due_);
}

std::vector<engine::JobStep> SqliteJobSource::retries(const std::string& job, std::uint32_t stage,
                                                      engine::Timestamp failed_before,
                                                      engine::Duration passed, std::size_t limit) {
  bind_stage(retries_, job, stage);
  retries_.bind(3, failed_before.microseconds);
  retries_.bind(4, static_cast<std::int64_t>(engine::job_attempts));
  retries_.bind(5, passed.microseconds);
  retries_.bind(6, static_cast<std::int64_t>(limit));
  return steps_of(retries_);
}

engine::StageProgress SqliteJobSource::progress(const std::string& job, std::uint32_t stage,
                                                const engine::StageMoment& moment) {
  const ReadTransaction transaction(*db_);
  engine::StageProgress seen;
  {
    const Reset reset(phases_);
    bind_stage(phases_, job, stage);
    while (phases_.executeStep()) {
      const std::string phase = phases_.getColumn(0).getString();
      const auto count = static_cast<std::uint64_t>(phases_.getColumn(1).getInt64());
      if (phase == name_of(engine::TargetPhase::done))
        seen.done = count;
      else if (phase == name_of(engine::TargetPhase::gone))
        seen.gone = count;
      else
        seen.open += count;
    }
  }
  if (seen.open == 0) return seen;
  bind_stage(failed_, job, stage);
  failed_.bind(3, static_cast<std::int64_t>(engine::job_attempts));
  bind_stage(late_, job, stage);
  late_.bind(3, moment.begun_before.microseconds);
  bind_stage(unbegun_, job, stage);
  unbegun_.bind(3, moment.offset_to.microseconds);
  seen.failed = count_of(failed_) + count_of(late_) + count_of(unbegun_);
  seen.open -= seen.failed;
  return seen;
}

std::vector<std::string> SqliteJobSource::missing(const std::string& job, std::size_t limit) {
  const Reset reset(missing_);
  missing_.bind(1, job);
  missing_.bind(2, static_cast<std::int64_t>(limit));
  std::vector<std::string> names;
  while (missing_.executeStep()) names.push_back(missing_.getColumn(0).getString());
  return names;
}

}  // namespace csrflow::store
