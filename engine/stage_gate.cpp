#include "engine/stage_gate.hpp"

#include <algorithm>

#include "engine/millionths.hpp"

namespace csrflow::engine {

Duration wait_between_stages(Duration reload) {
  return std::max(least_stage_wait, reload + reload);
}

GateAnswer stage_gate(const StageReport& stage, Timestamp now, Duration wait) {
  using Kind = GateAnswer::Kind;
  if (stage.outage)
    return {.kind = Kind::pause, .why = "an outage is reported: see to it, then resume or cancel the job"};
  if (static_cast<Wide>(stage.failed) * million > static_cast<Wide>(stage.planned) * tolerated_failures)
    return {.kind = Kind::pause,
            .why = std::to_string(stage.failed) + " of " + std::to_string(stage.planned) +
                   " failed, which is more than 2 %: see why, then resume or cancel the job"};
  if (stage.done + stage.failed < stage.planned || !stage.ended)
    return {.kind = Kind::wait,
            .why = std::to_string(stage.done + stage.failed) + " of " + std::to_string(stage.planned) +
                   " are done or have failed"};
  if (now < *stage.ended + wait)
    return {.kind = Kind::wait,
            .until = *stage.ended + wait,
            .why = "the stage is over; the next one begins at " + rfc3339_seconds(*stage.ended + wait)};
  return {.kind = Kind::go};
}

}  // namespace csrflow::engine
