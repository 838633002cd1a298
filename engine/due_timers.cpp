#include "engine/due_timers.hpp"

#include <tuple>

namespace csrflow::engine {

bool DueTimers::InOrder::operator()(const DueTimer& a, const DueTimer& b) const {
  if (goes_before(a.timer, b.timer, {})) return true;
  if (goes_before(b.timer, a.timer, {})) return false;
  const auto rest = [](const Timer& t) { return std::tuple(t.kind, t.cause, t.attempt); };
  return rest(a.timer) < rest(b.timer);
}

std::uint64_t DueTimers::key_of(const Timer& timer) {
  constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  std::uint64_t key = std::hash<std::string>{}(timer.stream.text);
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(timer.kind), timer.cause.value, static_cast<std::uint64_t>(timer.attempt)})
    key = (key ^ part) * odd + (key >> 29);
  return key;
}

// ---- reading ------------------------------------------------------------------------------------

std::size_t DueTimers::all_ready() const {
  std::size_t all = 0;
  for (const auto& rank : ready_) all += rank.size();
  return all;
}

std::vector<Timer> DueTimers::read(Timestamp now, Duration monotonic, std::size_t limit) {
  if (all_ready() >= most_ready) return {};
  if (!read_anew_at_) read_anew_at_ = monotonic + read_anew_every;
  if (complete_ && monotonic >= *read_anew_at_) {
    cursor_ = {};
    read_anew_at_ = monotonic + read_anew_every;
  }
  std::vector<Timer> timers = source_.newly_due(cursor_, now, limit);
  complete_ = timers.size() < limit;
  std::erase_if(timers, [&](const Timer& timer) { return !know(timer); });
  return timers;
}

bool DueTimers::know(const Timer& timer) {
  return known_.insert(key_of(timer)).second;
}

void DueTimers::forget(const Timer& timer) {
  known_.erase(key_of(timer));
}

void DueTimers::drop(const Timer& timer, Duration monotonic) {
  forget(timer);
  const Duration soon = monotonic + read_anew_after_drop;
  if (!read_anew_at_ || soon < *read_anew_at_) read_anew_at_ = soon;
}

void DueTimers::start_over() {
  cursor_ = {};
  complete_ = false;
  known_.clear();
  untold_.clear();
  for (auto& rank : ready_) rank.clear();
  std::erase_if(held_, [](const auto& held) { return !held.second.handed; });
  for (const auto& [until, held] : held_) know(held.timer);
}

// ---- turns --------------------------------------------------------------------------------------

void DueTimers::put(DueTimer due) {
  auto& rank = ready_[static_cast<std::size_t>(rank_of(due.timer, {}))];
  if (!due.summarised) ++untold_[due.timer.kind];
  rank.insert(std::move(due));
}

std::vector<DueTimer> DueTimers::take(Rank which, std::size_t most, Timestamp now) {
  auto& rank = ready_[static_cast<std::size_t>(which)];
  std::vector<DueTimer> taken;
  for (auto it = rank.begin(); it != rank.end() && taken.size() < most;) {
    if (it->timer.due > now) {
      ++it;
      continue;
    }
    if (!it->summarised) --untold_[it->timer.kind];
    taken.push_back(std::move(rank.extract(it++).value()));
  }
  return taken;
}

std::size_t DueTimers::untold(TimerKind kind) const {
  const auto found = untold_.find(kind);
  return found == untold_.end() ? 0 : found->second;
}

// ---- waiting ------------------------------------------------------------------------------------

void DueTimers::wait(DueTimer due, Duration until, Duration monotonic) {
  if (held_.size() >= most_held) return drop(due.timer, monotonic);
  held_.emplace(until, std::move(due));
}

void DueTimers::wake(Duration monotonic) {
  while (!held_.empty() && held_.begin()->first <= monotonic)
    put(std::move(held_.extract(held_.begin()).mapped()));
}

std::optional<Duration> DueTimers::next_wake() const {
  if (held_.empty()) return std::nullopt;
  return held_.begin()->first;
}

}  // namespace csrflow::engine
