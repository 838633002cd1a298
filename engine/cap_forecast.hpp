// Whether a signer's cap is enough for what is due: said when it can be changed, not when certificates end.
#pragma once

#include <optional>
#include <span>

#include "engine/rate_limit.hpp"

namespace csrflow::engine {

/// A certificate whose rotation waits.
struct WaitingEnd {
  Timestamp not_after;
  Duration lifetime;
};

struct CapForecast {
  Timestamp last_begins;
  /// These begin in the last twentieth of their lifetime, or later: the cap is too low.
  std::uint64_t too_late = 0;
  std::optional<Timestamp> first_too_late;  ///< notAfter of the most urgent one of them
  /// In that part already: no rate helps them.
  std::uint64_t late_already = 0;
  /// Of the cap's period and burst, the least limit at which none but those is too late.
  std::int64_t enough = 1;
  bool cap_too_low() const { return too_late > late_already; }
};

/// What waits for one signer at `now`, from the nearest expiry on, at the full rate of the cap from an unused
/// burst. The order of `waiting` does not matter.
CapForecast cap_forecast(std::span<const WaitingEnd> waiting, const RateCap&, Timestamp now);

}  // namespace csrflow::engine
