// The scheduler over a data directory that no server has open, at a clock that is a value.
#pragma once

#include <filesystem>
#include <mutex>
#include <unordered_map>

#include "bench/figures.hpp"
#include "bench/office.hpp"

namespace csrflow::bench {

/// Any thread.
class SimulatedClock final : public engine::Clock {
 public:
  explicit SimulatedClock(engine::Timestamp at) : at_(at) {}
  engine::Timestamp now() const override;
  /// From now on it is `at`, and `speed` times as fast as real time; 0: it stands.
  void set(engine::Timestamp at, int speed);

 private:
  mutable std::mutex mutex_;
  engine::Timestamp at_;            // guarded by mutex_
  bench::Clock::time_point since_;  // guarded by mutex_
  int speed_ = 0;                   // guarded by mutex_
};

struct IdleTicks {
  Microseconds average{}, worst{};
  Microseconds read{};  ///< one indexed read of the timers' table
};

struct SteadyState {
  double due_per_second = 0, done_per_second = 0;  ///< of real time
  std::size_t left = 0;                            ///< due in time and not done at the end
  // From a rotation's due time to its `rotated`, simulated.
  Seconds p50{}, p99{}, worst{};
  std::uint64_t memory_kib = 0;  ///< of this process, at the end
};

class SimulatedServer {
 public:
  /// `at`: not before the log's last event.
  SimulatedServer(const std::filesystem::path& data, engine::Timestamp at);

  /// Nothing is due at the clock's time.
  IdleTicks idle(unsigned ticks);
  /// Beginning with the first rotation that is due.
  SteadyState steady(int speed, Seconds time);

 private:
  /// Looks until nothing has been due for a second.
  void settle();
  engine::Timestamp first_rotation() const;
  /// Streams' due times from now until `end`.
  std::unordered_map<std::string, engine::Timestamp> rotations_until(engine::Timestamp end);
  void run(int speed, Seconds time);

  const std::filesystem::path data_;
  SimulatedClock clock_;
  Office office_;
  std::unique_ptr<engine::Scheduler> scheduler_;
};

/// KiB.
std::uint64_t own_memory();

}  // namespace csrflow::bench
