// What is counted and timed while the server works. Many threads add at once and nobody takes a lock: each
// number is exact, and those that are read together may be of slightly different moments.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace csrflow::metrics {

/// Only grows. Thread-safe.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// The upper bounds of every histogram's buckets, in seconds; what took longer is in one more bucket.
constexpr std::array bucket_bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                   0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};

/// How often something took how long. Thread-safe.
class Histogram {
 public:
  using Time = std::chrono::steady_clock::duration;

  void observe(Time);

  struct Shown {
    std::vector<std::uint64_t> cumulative;  ///< as many as there are bounds, and one for everything
    double sum = 0;                         ///< seconds
    std::uint64_t count() const { return cumulative.back(); }
  };
  Shown shown() const;

 private:
  std::array<Counter, bucket_bounds.size() + 1> buckets_;
  Counter nanoseconds_;
};

/// Observes how long it lived.
class Timed {
 public:
  explicit Timed(Histogram& histogram) : histogram_(histogram) {}
  ~Timed() { histogram_.observe(std::chrono::steady_clock::now() - began_); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Histogram& histogram_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace csrflow::metrics
