// How long one of many equal operations takes.
#pragma once

#include "bench/figures.hpp"

namespace csrflow::bench {

/// Runs the operation for the given time; the average, wall clock.
template <typename Operation>
Microseconds average(Seconds time, Operation operation) {
  constexpr int warm_up = 16;
  for (int i = 0; i < warm_up; ++i) operation();
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration_cast<Clock::duration>(time);
  std::uint64_t done = 0;
  auto now = start;
  do {
    operation();
    ++done;
    now = Clock::now();
  } while (now < end);
  return Microseconds(now - start) / static_cast<double>(done);
}

}  // namespace csrflow::bench
