#include "store/timer_pass.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/streams.hpp"
#include "store/reset.hpp"

namespace csrflow::store {
namespace {

using Strings = std::vector<std::string>;

/// Of more signers or policies than this, all requests are looked at.
constexpr std::size_t most_told_apart = 64;

Strings strings_in(const SQLite::Column& column) {
  return nlohmann::json::parse(column.getString()).get<Strings>();
}

void make_unique(Strings& strings) {
  std::ranges::sort(strings);
  strings.erase(std::unique(strings.begin(), strings.end()), strings.end());
}

void bound(engine::AffectedTimers& affected) {
  make_unique(affected.signers);
  make_unique(affected.policies);
  if (affected.signers.size() + affected.policies.size() > most_told_apart) affected.all_requests = true;
  if (!affected.all_requests) return;
  affected.signers.clear();
  affected.policies.clear();
}

}  // namespace

TimerPass::TimerPass(SQLite::Database& db, engine::EventReader& log, TimerTable& table,
                     engine::HashFunction hash, const engine::StandingRules& rules)
    : log_(log),
      table_(table),
      hash_(hash),
      rules_(rules),
      names_(db,
             "SELECT name FROM object WHERE resource = 'certificatesigningrequests' AND name > ?1 "
             "AND deleted_at IS NULL ORDER BY name LIMIT ?2"),
      save_(db,
            "INSERT OR REPLACE INTO timer_pass (id, all_requests, signers, policies, after, wraps, until) "
            "VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)"),
      end_(db, "DELETE FROM timer_pass") {
  load(db);
}

void TimerPass::load(SQLite::Database& db) {
  SQLite::Statement row(db, "SELECT all_requests, signers, policies, after, wraps, until FROM timer_pass");
  if (!row.executeStep()) return;
  work_.emplace();
  work_->affected.all_requests = row.getColumn(0).getInt() != 0;
  work_->affected.signers = strings_in(row.getColumn(1));
  work_->affected.policies = strings_in(row.getColumn(2));
  work_->after = row.getColumn(3).getString();
  work_->wraps = row.getColumn(4).getInt() != 0;
  if (!row.getColumn(5).isNull()) work_->until = row.getColumn(5).getString();
}

void TimerPass::save() {
  if (!work_) {
    end_.exec();
    end_.reset();
    return;
  }
  const Reset reset(save_);
  save_.bind(1, work_->affected.all_requests ? 1 : 0);
  save_.bind(2, nlohmann::json(work_->affected.signers).dump());
  save_.bind(3, nlohmann::json(work_->affected.policies).dump());
  save_.bind(4, work_->after);
  save_.bind(5, work_->wraps ? 1 : 0);
  if (work_->until)
    save_.bind(6, *work_->until);
  else
    save_.bind(6);
  save_.exec();
}

void TimerPass::begin(const engine::AffectedTimers& affected, engine::Position position) {
  if (affected.authorities) compute_authorities(position);
  engine::AffectedTimers requests = affected;
  requests.authorities = false;
  if (requests.none()) return;
  if (!work_) work_.emplace();
  work_->affected.add(requests);
  bound(work_->affected);
  work_->wraps = !work_->after.empty();
  work_->until.reset();
  if (work_->wraps) work_->until = work_->after;
  save();
}

void TimerPass::step(std::size_t requests, engine::Position position) {
  if (!work_) return;
  const auto names = names_after(work_->after, requests);
  bool ended = false;
  for (const auto& name : names) {
    ended = !work_->wraps && work_->until && name > *work_->until;
    if (ended) break;
    compute_request(name, position);
    work_->after = name;
  }
  if (names.size() < requests) {
    ended = !work_->wraps;
    work_->wraps = false;
    work_->after.clear();
  }
  if (ended) work_.reset();
  save();
}

std::vector<std::string> TimerPass::names_after(const std::string& name, std::size_t limit) {
  const Reset reset(names_);
  names_.bind(1, name);
  names_.bind(2, static_cast<std::int64_t>(limit));
  std::vector<std::string> names;
  while (names_.executeStep()) names.push_back(names_.getColumn(0).getString());
  return names;
}

void TimerPass::compute(const engine::StreamId& stream, std::span<const engine::StoredEvent> events) {
  const engine::State state = engine::fold(stream, events);
  const auto* request = std::get_if<engine::CsrState>(&state);
  if (request && !work_->affected.concerns(*request)) return;
  table_.replace(stream, engine::timers_of(stream, state, hash_, &rules_));
}

void TimerPass::compute_request(const std::string& name, engine::Position position) {
  const auto stream = engine::csr_stream(name);
  auto events = log_.stream(stream);
  // What the view does not show yet comes with its own event.
  std::erase_if(events, [&](const engine::StoredEvent& e) { return e.position > position; });
  compute(stream, events);
}

void TimerPass::compute_authorities(engine::Position position) {
  std::map<engine::StreamId, std::vector<engine::StoredEvent>> streams;
  for (auto& event : log_.category("ca"))
    if (event.position <= position) streams[event.stream].push_back(std::move(event));
  for (const auto& [stream, events] : streams) compute(stream, events);
}

}  // namespace csrflow::store
