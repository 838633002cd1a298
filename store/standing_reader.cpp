#include "store/standing_reader.hpp"

#include <algorithm>
#include <utility>

#include "engine/timers.hpp"
#include "store/object_reader.hpp"
#include "store/reset.hpp"
#include "store/sqlite.hpp"

namespace csrflow::store {
namespace {

using engine::TimerKind;

/// A few dozen kinds at most: labels stay bounded.
std::vector<TimerKind> all_kinds() {
  std::vector<TimerKind> kinds;
  for (unsigned i = 0; i <= std::to_underlying(TimerKind::outbox); ++i)
    kinds.push_back(static_cast<TimerKind>(i));
  return kinds;
}

std::string limited() {
  return " LIMIT " + std::to_string(most_looked_at);
}

}  // namespace

StandingReader::StandingReader(const DataFiles& files)
    : db_(open_views(files)),
      counts_(*db_, "SELECT signer, state, requests FROM request_count"),
      due_(*db_,
           "SELECT kind, count(*), sum(due <= ?2) FROM (SELECT kind, due FROM timer INDEXED BY timer_due "
           "WHERE due <= ?1 ORDER BY due" +
               limited() + ") GROUP BY kind"),
      oldest_(*db_, "SELECT min(due) FROM timer WHERE due <= ?1"),
      expiry_(*db_, "SELECT min(not_after) FROM unreplaced WHERE not_after > ?1"),
      deliveries_(*db_, "SELECT count(*), coalesce(sum(dead), 0) FROM (SELECT dead FROM open_delivery" +
                            limited() + ")"),
      jobs_(*db_, "SELECT count(*) FROM job WHERE phase = 'running'") {}

StandingFigures StandingReader::read(engine::Timestamp now) {
  const ReadTransaction transaction(*db_);
  StandingFigures figures;
  figures.requests = requests();
  figures.timers = timers(now);
  figures.deliveries = deliveries();
  figures.jobs_running = jobs_running();
  figures.oldest_due = instant(oldest_, now);
  figures.next_expiry = instant(expiry_, now);
  return figures;
}

std::vector<RequestCount> StandingReader::requests() {
  std::vector<RequestCount> counts;
  while (counts_.executeStep())
    counts.push_back({.signer = counts_.getColumn(0).getString(),
                      .state = counts_.getColumn(1).getString(),
                      .count = static_cast<std::uint64_t>(counts_.getColumn(2).getInt64())});
  counts_.reset();
  return counts;
}

std::vector<DueTimers> StandingReader::timers(engine::Timestamp now) {
  std::vector<DueTimers> timers;
  for (const TimerKind kind : all_kinds()) timers.push_back({.kind = std::string(name_of(kind))});
  due_.bind(1, now.microseconds);
  due_.bind(2, (now - late_after).microseconds);
  while (due_.executeStep()) {
    const auto found = std::ranges::find(timers, due_.getColumn(0).getString(), &DueTimers::kind);
    if (found == timers.end()) continue;
    found->due = static_cast<std::uint64_t>(due_.getColumn(1).getInt64());
    found->late = static_cast<std::uint64_t>(due_.getColumn(2).getInt64());
  }
  due_.reset();
  return timers;
}

OpenDeliveries StandingReader::deliveries() {
  const Reset reset(deliveries_);
  deliveries_.executeStep();
  const auto all = static_cast<std::uint64_t>(deliveries_.getColumn(0).getInt64());
  const auto dead = static_cast<std::uint64_t>(deliveries_.getColumn(1).getInt64());
  return {.waiting = all - dead, .dead = dead};
}

std::uint64_t StandingReader::jobs_running() {
  const Reset reset(jobs_);
  jobs_.executeStep();
  return static_cast<std::uint64_t>(jobs_.getColumn(0).getInt64());
}

std::optional<engine::Timestamp> StandingReader::instant(SQLite::Statement& statement,
                                                         engine::Timestamp now) {
  statement.bind(1, now.microseconds);
  std::optional<engine::Timestamp> found;
  if (statement.executeStep() && !statement.getColumn(0).isNull())
    found = engine::Timestamp{statement.getColumn(0).getInt64()};
  statement.reset();
  return found;
}

}  // namespace csrflow::store
