// The timers' view in memory: kept by the records of a writer, or folded anew from a log.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <unordered_map>

#include "engine/scheduler.hpp"
#include "tests/simulation/simulated_log.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::test {

/// Thread-safe. `rules` outlive it.
class TimerIndex final : public engine::Follower {
 public:
  using States = std::unordered_map<std::string, std::shared_ptr<const engine::State>>;

  explicit TimerIndex(const engine::StandingRules& rules) : rules_(rules) {}
  /// Folded from all that the log holds.
  TimerIndex(const engine::StandingRules& rules, const SimulatedLog& log) : rules_(rules) {
    const auto reader = log.reader();
    for (const engine::StreamId& stream : log.streams())
      replace(stream,
              std::make_shared<const engine::State>(engine::fold(stream, reader->stream(stream, {}))));
  }

  void committed(const std::shared_ptr<const engine::Batch>& batch) override {
    std::map<engine::StreamId, std::shared_ptr<const engine::State>> changed;
    for (const engine::Record& record : *batch) changed[record.stamp.stream] = record.after;
    std::lock_guard lock(mutex_);
    for (auto& [stream, state] : changed) replace(stream, std::move(state));
  }
  void forget(const engine::StreamId& stream) {
    std::lock_guard lock(mutex_);
    drop_timers(stream);
    states_.erase(stream.text);
    timers_.erase(stream.text);
  }

  std::vector<engine::Timer> due(engine::Timestamp now, std::size_t limit) const {
    std::lock_guard lock(mutex_);
    std::vector<engine::Timer> found;
    for (auto it = by_due_.begin(); it != by_due_.end() && it->due <= now && found.size() < limit; ++it)
      found.push_back(*it);
    return found;
  }
  std::vector<engine::Timer> newly_due(engine::DueCursor& cursor, engine::Timestamp now,
                                       std::size_t limit) const {
    std::lock_guard lock(mutex_);
    std::vector<engine::Timer> found;
    if (cursor.last) {
      const Row last{*cursor.last};
      for (auto it = added_.upper_bound(cursor.added); it != added_.end(); ++it) {
        if (*it->second < last && it->second->due <= now) {
          if (found.size() == limit) return found;
          found.push_back(*it->second);
        }
        cursor.added = it->first;
      }
    }
    cursor.added = next_added_ - 1;
    auto it = cursor.last ? by_due_.upper_bound(Row{*cursor.last}) : by_due_.begin();
    for (; it != by_due_.end() && it->due <= now && found.size() < limit; ++it) {
      found.push_back(*it);
      cursor.last = *it;
    }
    return found;
  }
  std::vector<engine::DueCount> due_by_kind(engine::Timestamp now) const {
    std::lock_guard lock(mutex_);
    std::map<engine::TimerKind, std::uint64_t> counts;
    for (auto it = by_due_.begin(); it != by_due_.end() && it->due <= now; ++it) ++counts[it->kind];
    std::vector<engine::DueCount> all;
    for (const auto& [kind, due] : counts) all.push_back({kind, due});
    return all;
  }
  std::vector<engine::Timer> all() const {
    std::lock_guard lock(mutex_);
    return {by_due_.begin(), by_due_.end()};
  }
  std::optional<engine::Timestamp> next_after(engine::Timestamp now) const {
    std::lock_guard lock(mutex_);
    const auto it = by_due_.upper_bound(
        Row{engine::Timer{.kind = {}, .stream = last_stream_, .cause = {}, .due = now, .not_after = {}}});
    if (it == by_due_.end()) return std::nullopt;
    return it->due;
  }
  std::vector<engine::Timer> of_kinds(std::initializer_list<engine::TimerKind> kinds) const {
    std::lock_guard lock(mutex_);
    std::vector<engine::Timer> found;
    for (const auto& timer : by_due_)
      if (std::ranges::find(kinds, timer.kind) != kinds.end()) found.push_back(timer);
    return found;
  }
  std::shared_ptr<const engine::State> state(const engine::StreamId& stream) const {
    std::lock_guard lock(mutex_);
    const auto it = states_.find(stream.text);
    return it == states_.end() ? std::make_shared<const engine::State>(engine::initial_state(stream))
                               : it->second;
  }

 private:
  struct Row : engine::Timer {
    bool operator<(const Row& other) const {
      const auto key = [](const Row& r) { return std::tie(r.due, r.stream, r.kind, r.cause, r.attempt); };
      return key(*this) < key(other);
    }
  };
  inline static const engine::StreamId last_stream_{"\x7f"};

  void replace(const engine::StreamId& stream, std::shared_ptr<const engine::State> state) {
    drop_timers(stream);
    auto& rows = timers_[stream.text];
    for (engine::Timer& timer : engine::timers_of(stream, *state, sha256, &rules_)) {
      rows.push_back({by_due_.insert(Row{std::move(timer)}).first, next_added_});
      added_[next_added_++] = rows.back().row;
    }
    states_[stream.text] = std::move(state);
  }
  void drop_timers(const engine::StreamId& stream) {
    auto& rows = timers_[stream.text];
    for (const auto& held : rows) {
      by_due_.erase(held.row);
      added_.erase(held.added);
    }
    rows.clear();
  }

  const engine::StandingRules& rules_;
  mutable std::mutex mutex_;
  States states_;
  std::set<Row> by_due_;
  struct Held {
    std::set<Row>::iterator row;
    std::uint64_t added;
  };
  std::map<std::uint64_t, std::set<Row>::iterator> added_;
  std::uint64_t next_added_ = 1;
  std::unordered_map<std::string, std::vector<Held>> timers_;
};

}  // namespace csrflow::test
