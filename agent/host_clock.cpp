#include "agent/host_clock.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace csrflow::agent {

engine::Timestamp SystemHostClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

bool SystemHostClock::sleep(engine::Duration duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any woken;
  std::unique_lock lock(mutex);
  woken.wait_for(lock, stop, std::chrono::microseconds(duration.microseconds), [] { return false; });
  return !stop.stop_requested();
}

}  // namespace csrflow::agent
