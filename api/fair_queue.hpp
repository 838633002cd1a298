// Who may work at once, and who is next: Kubernetes' API Priority and Fairness with one level, and a queue
// for each user instead of shuffle sharding.
#pragma once

#include <cstdint>

#include "api/round_robin.hpp"

namespace csrflow::api {

struct FairQueueLimits {
  std::size_t seats = 400;             ///< requests that are worked on at once
  std::size_t waiting_per_user = 300;  ///< beyond: refused. Six of Kubernetes' queues of 50
  std::size_t waiting = 6'400;         ///< of all users together: 128 such queues
};

/// A value: no clock, no thread. Somebody waits only while every seat is taken; a seat that becomes free goes
/// to the users that wait in turn.
class FairQueue {
 public:
  /// A request, named by whoever asks; never the same twice while it is in here.
  using Ticket = std::uint64_t;
  enum class Entry { seated, waiting, refused };

  explicit FairQueue(FairQueueLimits limits) : limits_(limits) {}

  Entry enter(const std::string& user, Ticket);
  /// A seat was left. The ticket that has it now; nothing when nobody waits.
  std::optional<Ticket> leave();
  /// The ticket waits no longer; false when it does not wait.
  bool give_up(const std::string& user, Ticket);

  std::size_t seated() const { return seated_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  const FairQueueLimits limits_;
  std::size_t seated_ = 0;
  RoundRobin<Ticket> waiting_;
};

}  // namespace csrflow::api
