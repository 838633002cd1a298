// The machine's clocks.
#pragma once

#include <sys/timex.h>

#include <chrono>

#include "engine/ports.hpp"

namespace csrflow::tools {

struct SystemClock : engine::Clock {
  engine::Timestamp now() const override {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

/// Since the machine's start, without the time that it was suspended.
inline engine::Duration monotonic_clock() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

/// Is the wall clock kept right by a time service? As the kernel says: adjtimex(2).
inline bool kernel_clock_is_synchronised() {
  timex state{};
  const int answer = adjtimex(&state);
  return answer != -1 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace csrflow::tools
