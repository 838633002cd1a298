#include "api/worker_pool.hpp"

namespace csrflow::api {

WorkerPool::WorkerPool(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this](std::stop_token stop) { work(stop); });
}

void WorkerPool::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
  RoundRobin<std::move_only_function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  std::swap(dropped, jobs_);
}

void WorkerPool::run(std::move_only_function<void()> job, const std::string& owner) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    jobs_.add(owner, std::move(job));
  }
  wake_.notify_one();
}

void WorkerPool::work(std::stop_token stop) {
  for (;;) {
    std::move_only_function<void()> job;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [&] { return !jobs_.empty(); }) || stop.stop_requested()) return;
      job = std::move(*jobs_.take());
    }
    job();
  }
}

}  // namespace csrflow::api
