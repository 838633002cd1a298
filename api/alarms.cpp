#include "api/alarms.hpp"

namespace csrflow::api {

Alarms::Alarms() : thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

void Alarms::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

Alarms::Set Alarms::set(Instant when, Call call) {
  const std::lock_guard lock(mutex_);
  const Set::Key key{when, next_++};
  const auto made = calls_.emplace(key, std::move(call)).first;
  if (made == calls_.begin()) wake_.notify_one();
  return {*this, key};
}

void Alarms::cancel(const Set::Key& key) {
  Call dropped;  // destroyed without the lock: it may hold others' alarms
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(key);
  if (found == calls_.end()) return;
  dropped = std::move(found->second);
  calls_.erase(found);
}

void Alarms::run(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (calls_.empty()) {
      wake_.wait(lock, stop, [&] { return !calls_.empty(); });
      continue;
    }
    const auto first = calls_.begin();
    const auto when = first->first;
    if (when.first > std::chrono::steady_clock::now()) {
      wake_.wait_until(lock, stop, when.first,
                       [&] { return calls_.empty() || calls_.begin()->first < when; });
      continue;
    }
    auto call = std::move(first->second);
    calls_.erase(first);
    lock.unlock();
    call();
    call = nullptr;
    lock.lock();
  }
}

}  // namespace csrflow::api
