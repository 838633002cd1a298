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

/// The view in one read transaction.
class TimerView {
 public:
  /// Throws StoreError when it cannot be trusted.
  TimerView(const DataFiles& files, Position head) : db_(open_views(files)), transaction_(*db_) {
    if (const auto why = why_untrusted(*db_, head); !why.empty()) throw StoreError(why);
    position_ = {static_cast<std::uint64_t>(db_->execAndGet("SELECT position FROM reached").getInt64())};
  }

  Position position() const { return position_; }
  bool pending() { return db_->execAndGet("SELECT count(*) FROM timer_pass").getInt() > 0; }

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

/// Events of these change timers of other streams.
bool followed_by_rules(const StreamId& stream) {
  const auto category = stream.category();
  return category == engine::rotation_category || category == engine::sink_category ||
         category == engine::signer_category;
}

/// What the timer's certificate rotates by.
std::string policy_of(SqliteEventReader& log, const Timer& timer, const engine::StandingRules* rules) {
  if (!timer.stream.text.starts_with("csr/")) return {};
  const engine::State state = engine::fold(timer.stream, log.stream(timer.stream, {}));
  const auto& request = std::get<engine::CsrState>(state);
  if (!request.object) return {};
  const auto* held = request.certificate_of(request.object->meta.uid);
  if (!held || held->not_after != timer.not_after) return {};
  const auto order = engine::rotation_order(request, *held, rules);
  return order ? order->policy : std::string();
}

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

TimerList list_timers(const DataFiles& files, engine::HashFunction hash, std::size_t limit,
                      const RulesAt& rules_at) {
  SqliteEventReader log(files);
  TimerList list;
  std::optional<TimerView> view;
  try {
    view.emplace(files, log.head());
    list.position = view->position();
    if (view->pending()) throw StoreError("the rules have changed, and not all of its timers have followed");
  } catch (const SQLite::Exception& error) {
    list.read_whole_log_because = error.what();
  } catch (const StoreError& error) {
    list.read_whole_log_because = error.what();
  }
  auto changed = streams_after(log, list.position);
  if (list.read_whole_log_because.empty() && rules_at && std::ranges::any_of(changed, followed_by_rules))
    list.read_whole_log_because = "the rules have changed since";
  if (!list.read_whole_log_because.empty()) {
    view.reset();
    list.position = {};
    changed = streams_after(log, list.position);
  }
  const auto rules = rules_at ? rules_at(list.position) : nullptr;
  if (view) list.timers = view->timers(changed, limit);
  for (const StreamId& stream : changed) {
    const auto timers =
        engine::timers_of(stream, engine::fold(stream, log.stream(stream, {})), hash, rules.get());
    list.timers.insert(list.timers.end(), timers.begin(), timers.end());
  }
  std::ranges::sort(list.timers, in_order);
  if (list.timers.size() > limit) list.timers.resize(limit);
  for (std::size_t i = 0; i < std::min(list.timers.size(), most_explained); ++i)
    list.policies.push_back(policy_of(log, list.timers[i], rules.get()));
  return list;
}

}  // namespace csrflow::store
