#include "engine/rate_limit.hpp"

namespace csrflow::engine {

RateLimiter::RateLimiter(const RateCap& cap, Timestamp now)
    : spacing_{cap.period.microseconds / cap.limit},
      tolerance_{(cap.burst - 1) * spacing_.microseconds},
      theoretical_(now) {}

}  // namespace csrflow::engine
