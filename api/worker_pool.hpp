// A few threads for what may wait for the disk.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "api/round_robin.hpp"

namespace csrflow::api {

class WorkerPool {
 public:
  explicit WorkerPool(unsigned threads);
  ~WorkerPool() { stop(); }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Finishes what runs, drops what waits and what comes later. Not from a worker.
  void stop();
  /// The owners take turns; each one's jobs run in order of arrival. Jobs must not throw. Any thread. How
  /// many wait is bounded by whoever sends them.
  void run(std::move_only_function<void()> job, const std::string& owner = {});

 private:
  void work(std::stop_token);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  RoundRobin<std::move_only_function<void()>> jobs_;  // guarded by mutex_
  bool stopped_ = false;                              // guarded by mutex_
  std::vector<std::jthread> threads_;                 // last: they use everything above
};

}  // namespace csrflow::api
