// Time and waiting on a host; tests have a clock that jumps.
#pragma once

#include <stop_token>

#include "engine/ports.hpp"

namespace csrflow::agent {

struct HostClock : engine::Clock {
  /// False when the stop came first.
  virtual bool sleep(engine::Duration, std::stop_token) = 0;
};

/// The system's clock.
class SystemHostClock : public HostClock {
 public:
  engine::Timestamp now() const override;
  bool sleep(engine::Duration, std::stop_token) override;
};

}  // namespace csrflow::agent
