// Calls at a later time, most of which are cancelled before.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace csrflow::api {

/// Thread-safe. One thread calls; what it calls must not throw, block, or be the last to hold whoever owns
/// the alarms.
class Alarms {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Call = std::move_only_function<void()>;

  Alarms();
  ~Alarms() { stop(); }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  /// Cancels its call when it goes, unless that has begun. The alarms outlive it.
  class Set {
   public:
    Set() = default;
    ~Set() {
      if (alarms_) alarms_->cancel(key_);
    }
    Set(Set&& other) noexcept : alarms_(std::exchange(other.alarms_, nullptr)), key_(other.key_) {}
    Set& operator=(Set&& other) noexcept {
      std::swap(alarms_, other.alarms_);
      std::swap(key_, other.key_);
      return *this;
    }

   private:
    friend class Alarms;
    using Key = std::pair<Instant, std::uint64_t>;
    Set(Alarms& alarms, Key key) : alarms_(&alarms), key_(key) {}
    Alarms* alarms_ = nullptr;
    Key key_;
  };

  [[nodiscard]] Set set(Instant, Call);
  /// Nothing is called afterwards.
  void stop();

 private:
  void run(std::stop_token);
  void cancel(const Set::Key&);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::map<Set::Key, Call> calls_;  // guarded by mutex_
  std::uint64_t next_ = 0;          // guarded by mutex_
  std::jthread thread_;             // last: it uses everything above
};

}  // namespace csrflow::api
