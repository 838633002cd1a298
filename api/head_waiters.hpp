// Waiting for a position that the log has not reached yet: a client may name a version from the future.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/record.hpp"

namespace csrflow::api {

/// Thread-safe.
class HeadWaiters final : public engine::Follower {
 public:
  HeadWaiters();

  void committed(const std::shared_ptr<const engine::Batch>&) override;
  /// Calls back once: true when `position` is committed, false when `patience` has passed before. On the
  /// waiters' thread; must not block.
  void wait(engine::Position position, std::chrono::milliseconds patience,
            std::move_only_function<void(bool)>);

 private:
  struct Waiter {
    engine::Position position;
    std::chrono::steady_clock::time_point until;
    std::move_only_function<void(bool)> call;
  };
  void run(std::stop_token);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Waiter> waiters_;  // guarded by mutex_
  engine::Position head_;        // guarded by mutex_
  std::jthread thread_;          // last: it uses everything above
};

}  // namespace csrflow::api
