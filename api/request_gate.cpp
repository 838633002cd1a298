#include "api/request_gate.hpp"

namespace csrflow::api {

RequestGate::RequestGate(const GateLimits& limits, Alarms& alarms, Run run)
    : limits_(limits), alarms_(alarms), run_(std::move(run)), reads_(limits.reads), writes_(limits.writes) {}

void RequestGate::enter(Lane lane, const std::string& user, Admitted admitted) {
  if (lane == Lane::watch) return admitted(take_watch(user) ? Seat(*this, lane, user) : Seat());
  auto entry = FairQueue::Entry::refused;
  {
    const std::lock_guard lock(mutex_);
    const auto ticket = next_++;
    entry = queue(lane).enter(user, ticket);
    if (entry == FairQueue::Entry::waiting && closed_) {
      queue(lane).give_up(user, ticket);
      entry = FairQueue::Entry::refused;
    }
    if (entry == FairQueue::Entry::waiting) {
      // The alarm's call waits for the lock, so it finds what is put down here.
      auto patience = alarms_.set(std::chrono::steady_clock::now() + limits_.waiting_for,
                                  [this, ticket] { refuse(ticket); });
      waiting_.emplace(
          ticket,
          Waiting{
              .lane = lane, .user = user, .admitted = std::move(admitted), .patience = std::move(patience)});
      return;
    }
  }
  admitted(entry == FairQueue::Entry::seated ? Seat(*this, lane, user) : Seat());
}

void RequestGate::leave(Lane lane, const std::string& user) {
  if (lane == Lane::watch) return leave_watch(user);
  Waiting next;
  {
    const std::lock_guard lock(mutex_);
    const auto ticket = queue(lane).leave();
    if (!ticket) return;
    const auto found = waiting_.find(*ticket);
    next = std::move(found->second);
    waiting_.erase(found);
  }
  run_(next.user, [seat = Seat(*this, lane, next.user), admitted = std::move(next.admitted)]() mutable {
    admitted(std::move(seat));
  });
}

void RequestGate::refuse(Ticket ticket) {
  Waiting over;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(ticket);
    if (found == waiting_.end()) return;
    over = std::move(found->second);
    waiting_.erase(found);
    queue(over.lane).give_up(over.user, ticket);
  }
  run_(over.user, [admitted = std::move(over.admitted)]() mutable { admitted(Seat()); });
}

void RequestGate::close() {
  std::unordered_map<Ticket, Waiting> over;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    over.swap(waiting_);
    for (const auto& [ticket, waiting] : over) queue(waiting.lane).give_up(waiting.user, ticket);
  }
  for (auto& [ticket, waiting] : over) waiting.admitted(Seat());
}

metrics::RequestsNow RequestGate::now() {
  const std::lock_guard lock(mutex_);
  return {.in_flight = {reads_.seated(), writes_.seated(), watches_},
          .waiting = {reads_.waiting(), writes_.waiting(), 0}};
}

bool RequestGate::take_watch(const std::string& user) {
  const std::lock_guard lock(mutex_);
  if (watches_ >= limits_.watches) return false;
  const auto mine = watches_of_.find(user);
  if (mine == watches_of_.end()) {
    if (limits_.watches_per_user == 0) return false;
    watches_of_.emplace(user, 1);
  } else {
    if (mine->second >= limits_.watches_per_user) return false;
    ++mine->second;
  }
  ++watches_;
  return true;
}

void RequestGate::leave_watch(const std::string& user) {
  const std::lock_guard lock(mutex_);
  --watches_;
  const auto mine = watches_of_.find(user);
  if (--mine->second == 0) watches_of_.erase(mine);
}

}  // namespace csrflow::api
