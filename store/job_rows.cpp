#include "store/job_rows.hpp"

#include <SQLiteCpp/Column.h>

#include <nlohmann/json.hpp>

#include "engine/event.hpp"
#include "store/error.hpp"

namespace csrflow::store {
namespace {

using Phase = engine::JobState::Phase;

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}
std::uint32_t small(const SQLite::Column& column) {
  return static_cast<std::uint32_t>(column.getInt64());
}

Phase phase_of(const std::string& word) {
  for (const Phase phase : {Phase::none, Phase::planned, Phase::running, Phase::between_stages, Phase::paused,
                            Phase::finished, Phase::cancelled})
    if (name_of(phase) == word) return phase;
  throw StoreError("views.db is damaged: a job is " + word);
}

engine::JobPlanned plan_of(const std::string& name, std::string data) {
  engine::StoredEvent stored;
  stored.stream = engine::stream_of("job", name);
  stored.type = "planned";
  stored.data = std::move(data);
  const engine::Event event = engine::decode(stored);
  return std::get<engine::JobPlanned>(std::get<engine::JobEvent>(event));
}

}  // namespace

void bind_job(SQLite::Statement& row, const std::string& name, const engine::JobState& s) {
  row.bind(1, name);
  row.bind(2, number(s.planned_at.value));
  row.bind(3, s.planned_time.microseconds);
  row.bind(4, engine::encode(engine::JobEvent(*s.plan)));
  row.bind(5, number(s.version.value));
  row.bind(6, number(s.targets));
  row.bind(7, std::string(name_of(s.phase)));
  row.bind(8, std::string(name_of(s.before_pause)));
  row.bind(9, number(s.stage));
  row.bind(10, s.stage_since.microseconds);
  row.bind(11, s.paused_since.microseconds);
  row.bind(12, s.paused_by);
  row.bind(13, s.pause_reason);
  row.bind(14, number(s.seen_failed));
  row.bind(15, number(s.accepted));
  row.bind(16, s.ended.microseconds);
  row.bind(17, number(s.done));
  row.bind(18, number(s.failed));
  row.bind(19, nlohmann::json(s.missing).dump());
}

engine::JobEntry job_in(const SQLite::Statement& row) {
  engine::JobEntry job{.name = row.getColumn(0).getString(), .state = {}};
  engine::JobState& s = job.state;
  s.planned_at = {static_cast<std::uint64_t>(row.getColumn(1).getInt64())};
  s.planned_time = {row.getColumn(2).getInt64()};
  s.plan = plan_of(job.name, row.getColumn(3).getString());
  s.version = {static_cast<std::uint64_t>(row.getColumn(4).getInt64())};
  s.targets = small(row.getColumn(5));
  s.phase = phase_of(row.getColumn(6).getString());
  s.before_pause = phase_of(row.getColumn(7).getString());
  s.stage = small(row.getColumn(8));
  s.stage_since = {row.getColumn(9).getInt64()};
  s.paused_since = {row.getColumn(10).getInt64()};
  s.paused_by = row.getColumn(11).getString();
  s.pause_reason = row.getColumn(12).getString();
  s.seen_failed = small(row.getColumn(13));
  s.accepted = small(row.getColumn(14));
  s.ended = {row.getColumn(15).getInt64()};
  s.done = small(row.getColumn(16));
  s.failed = small(row.getColumn(17));
  const auto missing = nlohmann::json::parse(row.getColumn(18).getString(), nullptr, false);
  if (!missing.is_array())
    throw StoreError("views.db is damaged: what job " + job.name + " misses is no list");
  s.missing = missing.get<std::vector<std::string>>();
  return job;
}

}  // namespace csrflow::store
