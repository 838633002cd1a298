// The wall clock.
#pragma once

#include <chrono>

#include "engine/ports.hpp"

namespace csrflow::tools {

struct SystemClock : engine::Clock {
  engine::Timestamp now() const override {
    auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
  }
};

}  // namespace csrflow::tools
