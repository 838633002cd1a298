#include "store/timer_list.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/streams.hpp"
#include "store/error.hpp"
#include "store/event_reader.hpp"
#include "store/object_reader.hpp"
#include "store/sqlite.hpp"
#include "store/timer_rows.hpp"
#include "store/views_file.hpp"

namespace csrflow::store {
namespace {

using engine::Position;
using engine::StreamId;
using engine::Timer;

constexpr std::size_t events_a_read = 1000;

bool due_before(const Timer& a, const Timer& b) {
  const auto key = [](const Timer& t) { return std::tuple(t.due, t.cause, name_of(t.kind), t.attempt); };
  return key(a) < key(b);
}

/// The view in one read transaction.
class TimerView {
 public:
  /// Throws StoreError when it cannot be trusted.
  TimerView(const DataFiles& files, Position head) : db_(open_views(files)), transaction_(*db_) {
    if (const auto why = why_untrusted(*db_, head); !why.empty()) throw StoreError(why);
    position_ = {static_cast<std::uint64_t>(db_->execAndGet("SELECT position FROM reached").getInt64())};
  }

  Position position() const { return position_; }

  std::vector<Timer> timers(const std::set<StreamId>& left_out, std::size_t limit) {
    SQLite::Statement rows(*db_, std::string(select_timers) + in_due_order);
    std::vector<Timer> timers;
    while (timers.size() < limit && rows.executeStep()) {
      if (Timer timer = timer_in(rows); !left_out.contains(timer.stream)) timers.push_back(std::move(timer));
    }
    return timers;
  }

 private:
  std::unique_ptr<SQLite::Database> db_;
  ReadTransaction transaction_;
  Position position_;
};

std::set<StreamId> streams_after(SqliteEventReader& log, Position& position) {
  std::set<StreamId> streams;
  while (true) {
    const auto events = log.after(position, events_a_read);
    if (events.empty()) return streams;
    for (const auto& event : events) streams.insert(event.stream);
    position = events.back().position;
  }
}

}  // namespace

TimerList list_timers(const DataFiles& files, engine::HashFunction hash, std::size_t limit) {
  SqliteEventReader log(files);
  TimerList list;
  std::optional<TimerView> view;
  try {
    view.emplace(files, log.head());
    list.position = view->position();
  } catch (const SQLite::Exception& error) {
    list.read_whole_log_because = error.what();
  } catch (const StoreError& error) {
    list.read_whole_log_because = error.what();
  }
  const auto changed = streams_after(log, list.position);
  if (view) list.timers = view->timers(changed, limit);
  for (const StreamId& stream : changed) {
    const auto timers = engine::timers_of(stream, engine::fold(stream, log.stream(stream, {})), hash, nullptr);
    list.timers.insert(list.timers.end(), timers.begin(), timers.end());
  }
  std::ranges::sort(list.timers, due_before);
  if (list.timers.size() > limit) list.timers.resize(limit);
  return list;
}

}  // namespace csrflow::store
