// So many within a time, as the generic cell rate algorithm in integers: no counter of windows, hence no
// burst at a window's edge.
#pragma once

#include <algorithm>

#include "engine/types.hpp"

namespace csrflow::engine {

/// `limit` ≥ 1 in each `period` > 0; `burst` ≥ 1 may pass at once after a pause.
struct RateCap {
  std::int64_t limit = 1;
  Duration period = seconds(1);
  std::int64_t burst = 1;
  bool operator==(const RateCap&) const = default;
};

/// In any closed interval of length D at most burst + floor(D / (period / limit)) pass. One key's; belongs to
/// one thread.
class RateLimiter {
 public:
  /// As after a start at `now`: nothing has passed yet.
  explicit RateLimiter(const RateCap&, Timestamp now = {});

  /// The first instant from `t` on at which one may pass.
  Timestamp next(Timestamp t) const { return std::max(t, theoretical_ - tolerance_); }
  /// One passes at `t`, which is next(t).
  void pass(Timestamp t) { theoretical_ = std::max(t, theoretical_) + spacing_; }
  /// One that comes at `t` passes: the instant at which it does.
  Timestamp take(Timestamp t) {
    const Timestamp at = next(t);
    pass(at);
    return at;
  }

 private:
  Duration spacing_, tolerance_;
  Timestamp theoretical_;  ///< arrival of the next one if all came evenly
};

}  // namespace csrflow::engine
