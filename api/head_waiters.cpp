#include "api/head_waiters.hpp"

#include <algorithm>

namespace csrflow::api {

HeadWaiters::HeadWaiters() : thread_([this](std::stop_token stop) { run(stop); }) {}

void HeadWaiters::committed(const std::shared_ptr<const engine::Batch>& batch) {
  const std::lock_guard lock(mutex_);
  head_ = batch->back().stamp.position;
  if (!waiters_.empty()) wake_.notify_one();
}

void HeadWaiters::wait(engine::Position position, std::chrono::milliseconds patience,
                       std::move_only_function<void(bool)> call) {
  const std::lock_guard lock(mutex_);
  waiters_.push_back(
      {.position = position, .until = std::chrono::steady_clock::now() + patience, .call = std::move(call)});
  wake_.notify_one();
}

void HeadWaiters::run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    const auto over = std::partition(waiters_.begin(), waiters_.end(), [&](const Waiter& waiter) {
      return waiter.position > head_ && waiter.until > now;
    });
    std::vector<Waiter> called(std::make_move_iterator(over), std::make_move_iterator(waiters_.end()));
    waiters_.erase(over, waiters_.end());
    if (!called.empty()) {
      const auto head = head_;
      lock.unlock();
      for (auto& waiter : called) waiter.call(waiter.position <= head);
      lock.lock();
      continue;
    }
    if (waiters_.empty()) {
      wake_.wait(lock, stop, [&] { return !waiters_.empty(); });
      continue;
    }
    const auto first = std::ranges::min_element(waiters_, {}, &Waiter::until)->until;
    const auto seen = head_;
    const auto count = waiters_.size();
    wake_.wait_until(lock, stop, first, [&] { return head_ != seen || waiters_.size() != count; });
  }
}

}  // namespace csrflow::api
