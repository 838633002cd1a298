// Whether a mass job goes on after a stage.
#pragma once

#include <optional>
#include <string>

#include "engine/types.hpp"

namespace csrflow::engine {

/// So many millionths of a stage may fail.
constexpr std::int64_t tolerated_failures = 20'000;
constexpr Duration least_stage_wait = seconds(300);

/// Between the end of a stage and the next: max(5 min, 2 × the time that a reload takes), so that what is
/// wrong with the stage can show.
Duration wait_between_stages(Duration reload);

/// What became of a stage so far.
struct StageReport {
  std::uint64_t planned = 0, done = 0;
  std::uint64_t failed = 0;        ///< signing, installation or probe
  bool outage = false;             ///< an alert says that something does not work
  std::optional<Timestamp> ended;  ///< when the last of `planned` was done or failed
};

struct GateAnswer {
  enum class Kind : std::uint8_t {
    wait,
    go,
    pause  ///< a person must look and say how to go on
  };
  Kind kind{};
  std::optional<Timestamp> until;  ///< of a wait that ends by itself
  std::string why;                 ///< a sentence without its full stop; of `go` empty
};

/// Pauses as soon as too many have failed, whether or not the stage is over.
GateAnswer stage_gate(const StageReport&, Timestamp now, Duration wait);

}  // namespace csrflow::engine
