// The page that Prometheus reads; docs/metrics.md names every metric on it.
#pragma once

#include <optional>

#include "metrics/event_meter.hpp"
#include "metrics/http_meter.hpp"

namespace csrflow::metrics {

/// The instruments of a server: made before everything that they measure.
struct Meters {
  explicit Meters(std::vector<std::string> resources) : http(std::move(resources)) {}
  HttpMeter http;
  EventMeter events;
  Histogram commits, signatures;
  Counter signature_failures;
};

/// What is not counted while it happens but looked up for each page.
struct Standing {
  struct Requests {
    std::string signer, state;
    std::uint64_t count = 0;
  };
  struct Timers {
    std::string kind;
    std::uint64_t due = 0, late = 0;
  };
  std::string version;
  std::uint64_t log_position = 0, views_position = 0;
  std::uint64_t commands_waiting = 0;
  RequestsNow http;
  std::vector<Requests> requests;  ///< any number of signers
  std::vector<Timers> timers;
  std::uint64_t deliveries_waiting = 0, deliveries_dead = 0;
  std::uint64_t jobs_running = 0;
  engine::Duration lateness;                     ///< of the timer that waits longest; 0: none does
  std::optional<engine::Timestamp> next_expiry;  ///< of a certificate without a successor
  engine::Timestamp ca_expiry;
};

std::string page(const Meters&, const Standing&);

}  // namespace csrflow::metrics
