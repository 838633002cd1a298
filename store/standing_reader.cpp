#include "store/standing_reader.hpp"

#include <algorithm>
#include <array>

#include "engine/timers.hpp"
#include "store/object_reader.hpp"
#include "store/sqlite.hpp"

namespace csrflow::store {
namespace {

using engine::TimerKind;

constexpr std::array kinds{TimerKind::sign,         TimerKind::resume_sign, TimerKind::rotate,
                           TimerKind::rotate_retry, TimerKind::expire,      TimerKind::evaluate};

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
      expiry_(*db_, "SELECT min(not_after) FROM unreplaced WHERE not_after > ?1") {}

StandingFigures StandingReader::read(engine::Timestamp now) {
  const ReadTransaction transaction(*db_);
  StandingFigures figures;
  figures.requests = requests();
  figures.timers = timers(now);
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
  for (const TimerKind kind : kinds) timers.push_back({.kind = std::string(name_of(kind))});
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
