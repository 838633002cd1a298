// The timers of a request's stream.
#pragma once

#include "engine/timers.hpp"

namespace csrflow::engine {

std::vector<Timer> timers_of_request(const StreamId&, const CsrState&, HashFunction, const StandingRules*);
std::optional<CsrCommand> command_of(const Timer&, const CsrState&);
/// What a timer of this kind raises; nothing when it is no alert's.
std::optional<Notable> alert_of(TimerKind);

/// A signature normally takes milliseconds; only what is still open after this long was left behind.
constexpr Duration signing_patience = seconds(10);

}  // namespace csrflow::engine
