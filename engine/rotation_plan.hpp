// When a certificate under a rotation policy rotates: its window, the instant in it that avoids blackouts,
// and what follows when nothing happens. Pure, in integers: equal inputs give equal instants on every
// machine.
#pragma once

#include <functional>

#include "engine/rotation_rules.hpp"

namespace csrflow::engine {

/// A certificate, as far as its rotation goes.
struct Rotatable {
  StreamId stream;
  Serial serial;
  Validity validity;
  bool bulk = false;    ///< one of many made at once
  bool canary = false;  ///< goes before the others
  /// When csrflow first knew it under this policy: later than its window's start, the window is cut, or is a
  /// few minutes from then. Absent: in time.
  std::optional<Timestamp> known_since;
};

/// How the instant was found. Early goes before late, since late eats what is left for trouble.
enum class Placement : std::uint8_t { in_window, early, late, blackout_ignored };
/// `in window`, `early`, `late`, `blackout ignored`.
std::string_view name_of(Placement);

struct RotationPlan {
  Window window;
  Timestamp due;
  Placement placement = Placement::in_window;
  bool belated = false;  ///< known too late for its window
  /// The policy's beforeExpiry is longer than the lifetime, so that the default fraction holds.
  bool fraction_instead = false;
  Timestamp at_risk;  ///< from here on it is in danger
};

/// From when on so many millionths of the lifetime are left.
Timestamp at_risk_from(const Validity&, std::int32_t millionths);

RotationPlan plan_rotation(const RotationRules&, const Rotatable&, HashFunction);

/// Its parts, for those who bring their own jitter or blackouts:

struct ChosenWindow {
  Window window;
  bool belated = false, fraction_instead = false;
};
ChosenWindow window_of(const RotationRules&, const Rotatable&);

/// What of `range` is blacked out: in order, disjoint.
using Blackouts = std::function<Intervals(Interval range)>;
/// The rules outlive it.
Blackouts blackouts_of(const RotationRules&, const Validity&);

struct PlacedRotation {
  Timestamp due;
  Placement placement = Placement::in_window;
};
/// Blackouts are taken out of the window before the jitter chooses, so that nothing piles up at their ends;
/// none counts in the last eighth of the lifetime. A belated one never moves earlier.
PlacedRotation place_rotation(const ChosenWindow&, const Validity&, std::uint64_t jitter, const Blackouts&);

/// Until when an expired certificate is still rotated: notAfter + min(lifetime, grace), or notAfter.
Timestamp end_of_grace(const RotationRules&, const Validity&);

/// A key's past, at the rotation.
struct KeyPast {
  Timestamp first_signed;        ///< the first certificate over it
  std::uint32_t generation = 1;  ///< of the certificate that is rotated
  bool compromised = false;
};
struct ChosenMode {
  RotationMode mode{};
  /// Why `renew` became `rekey`: `MaxKeyAge`, `MaxRenewals`, `KeyCompromise`; empty: it did not.
  std::string_view reason;
};
ChosenMode mode_of(const RotationRules&, const KeyPast&, Timestamp at);

}  // namespace csrflow::engine
