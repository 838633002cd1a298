#include "api/fair_queue.hpp"

namespace csrflow::api {

FairQueue::Entry FairQueue::enter(const std::string& user, Ticket ticket) {
  if (seated_ < limits_.seats) {
    ++seated_;
    return Entry::seated;
  }
  if (waiting_.size() >= limits_.waiting || waiting_.size_of(user) >= limits_.waiting_per_user)
    return Entry::refused;
  waiting_.add(user, ticket);
  return Entry::waiting;
}

std::optional<FairQueue::Ticket> FairQueue::leave() {
  auto next = waiting_.take();
  if (!next) --seated_;
  return next;
}

bool FairQueue::give_up(const std::string& user, Ticket ticket) {
  return waiting_.remove(user, [&](Ticket other) { return other == ticket; });
}

}  // namespace csrflow::api
