// What a rotation policy says of the certificates that are under it, as values. policies/ reads them from
// documents; the functions over them are in rotation_plan.hpp and beside it.
#pragma once

#include <optional>
#include <variant>

#include "engine/calendar.hpp"
#include "engine/rate_limit.hpp"
#include "engine/rotation.hpp"

namespace csrflow::engine {

enum class RotationMode : std::uint8_t {
  renew,     ///< the same key and request; csrflow does it alone
  rekey,     ///< a new key, made on the host
  announce,  ///< only said; somebody else looks after it
  none
};
/// `renew`, `rekey`, `announce`, `none`.
constexpr std::string_view rotation_mode_words[] = {"renew", "rekey", "announce", "none"};
constexpr std::string_view name_of(RotationMode mode) {
  return rotation_mode_words[static_cast<std::size_t>(mode)];
}
/// Nothing for another word.
constexpr std::optional<RotationMode> rotation_mode(std::string_view word) {
  for (const RotationMode mode :
       {RotationMode::renew, RotationMode::rekey, RotationMode::announce, RotationMode::none})
    if (name_of(mode) == word) return mode;
  return std::nullopt;
}

/// Who approves the successor.
enum class RotationApproval : std::uint8_t {
  policy,   ///< the approval policies, as of any request
  inherit,  ///< the predecessor's approval counts while nothing that it rests on has changed
  people    ///< a person, always
};

/// From so long before the certificate's end until so long before it; from > to.
struct BeforeExpiry {
  Duration from, to;
  bool operator==(const BeforeExpiry&) const = default;
};
/// A Window comes from outside (RFC 9773, an operator).
using RotationTime = std::variant<WindowRule, BeforeExpiry, Window>;

struct RotationLimits {
  /// A key is renewed no longer than this after its first certificate, then the certificate is rekeyed.
  Duration max_key_age = seconds(365 * 86'400);
  std::optional<std::uint32_t> max_renewals;
  RateCap per_signer{.limit = 200, .burst = 50};
  RateCap per_requester{.limit = 20, .burst = 20};
  std::int64_t in_flight = 1'000;  ///< announced renewals that are not signed yet
};

struct RotationAlerts {
  bool overdue = true;              ///< when the window has ended without a successor
  std::int32_t at_risk = 100'000;   ///< when so many millionths of the lifetime are left
  std::vector<std::string> notify;  ///< who hears of it
};

struct RotationRules {
  RotationMode mode = RotationMode::announce;
  RotationTime when = WindowRule{};
  /// In place of a fraction, for certificates that were made in bulk: it flattens the lump in one generation.
  WindowRule first{.from = 300'000, .to = 750'000};
  RotationApproval approval = RotationApproval::policy;
  RotationLimits limits;
  Calendar blackouts;
  /// Maintenance windows: the rest of the middle of the lifetime is a blackout; absent: no such thing.
  std::optional<Calendar> allow;
  RetryRule retry;
  /// Canaries rotate earlier by so many millionths of their lifetime.
  std::int32_t canary_lead = 50'000;
  RotationAlerts alerts;
  bool renew_expired = true;
  Duration grace = seconds(7 * 86'400);  ///< after expiry, and at most a lifetime
};

}  // namespace csrflow::engine
