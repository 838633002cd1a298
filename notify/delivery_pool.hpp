// Delivers what the outbox has due, on threads of its own, and sends the results back through the writer's
// door.
#pragma once

#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "engine/hash_function.hpp"
#include "engine/notification.hpp"
#include "engine/timers.hpp"
#include "engine/writer.hpp"

namespace csrflow::notify {

/// Beyond these, tasks are left to the timers, which bring them again.
constexpr std::size_t max_waiting_deliveries = 1024, max_waiting_per_sink = 128;

/// A task that waits, is carried out, or whose result is on its way to the log is not taken twice. A sink has
/// one delivery at a time, in the order of arrival, so that a slow one does not keep the others from
/// their news. Between the receiver's yes and the log's there is no transaction: after a crash there, the
/// same notification is delivered again, with the same id.
class DeliveryPool {
 public:
  /// Where a sink's news go now; nothing: there is no such sink any more. Thread-safe.
  using FindSink = std::function<std::optional<engine::Destination>(const std::string& sink)>;
  using Submit = std::function<void(std::vector<engine::Submission>)>;
  using Complain = std::function<void(const std::string&)>;
  /// `submit` and `complain` are called from the workers' threads, `complain` also from the caller's of
  /// `deliver` and the writer's; they must not throw.
  struct Doors {
    FindSink find_sink;
    Submit submit;
    Complain complain;
  };

  /// `messenger` outlives the pool.
  DeliveryPool(engine::Messenger& messenger, engine::HashFunction, Doors, unsigned workers = 2);
  ~DeliveryPool();
  DeliveryPool(const DeliveryPool&) = delete;
  DeliveryPool& operator=(const DeliveryPool&) = delete;

  /// Any thread.
  void deliver(engine::DeliveryTask);
  using Told = std::move_only_function<void(std::expected<void, std::string>)>;
  /// Sends a notification of which the log knows nothing; `told` hears on a worker whether it was taken, or
  /// at once that there is no room, and nothing after a stop.
  void try_out(const std::string& sink, engine::Notification, Told told);
  /// Breaks off the deliveries at hand, drops the rest (they stay open in the log) and ends the threads. Also
  /// twice.
  void stop();

 private:
  struct Job {
    engine::DeliveryTask task;
    Told told;  ///< of a try; null: the log is told
  };
  struct Queue;
  void work(std::stop_token);
  void carry(const engine::DeliveryTask&, const std::stop_token&);
  std::expected<void, engine::DeliveryFailure> attempt(const engine::DeliveryTask&, const std::stop_token&);
  engine::Submission result(const engine::DeliveryTask&, engine::DeliveryCommand);

  engine::Messenger& messenger_;
  const engine::HashFunction hash_;
  const Doors doors_;
  const std::shared_ptr<Queue> queue_;  // shared with the answers under way
  std::vector<std::jthread> workers_;   // last: they use everything above
};

}  // namespace csrflow::notify
