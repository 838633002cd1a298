// When a CA is followed by the next one: prepared, then signing, with the old certificates of both in the
// bundle for as long as either's leaves live.
#pragma once

#include <optional>
#include <string>

#include "engine/types.hpp"

namespace csrflow::engine {

struct AuthorityTerms {
  Timestamp not_before, not_after;  ///< the CA certificate's
  /// The longest lifetime that is issued under it, backdating included.
  Duration longest_leaf;
  /// Until a new CA's certificate is with everybody: the longest synchronisation, and clients' reload. Of a
  /// root 90 days at least.
  Duration propagation = seconds(7 * 86'400);
  Duration margin = seconds(14 * 86'400);  ///< a missed week must not break a roll-over
};

/// not_before < prepare ≤ activate ≤ stop ≤ not_after, of a CA that lives at all.
struct AuthoritySchedule {
  Timestamp prepare;   ///< the next CA exists and is published; it signs nothing
  Timestamp activate;  ///< the next CA signs
  Timestamp stop;      ///< from here on this one's leaves would be cut
  /// The CA lives for less than `advisable_lifetime`: the instants share the second half of its life in the
  /// same proportions, since before its half the next CA would be about as short-lived as what is left.
  bool squeezed = false;
};
AuthoritySchedule authority_schedule(const AuthorityTerms&);

/// 2 × (longest_leaf + 2 × margin + propagation).
Duration advisable_lifetime(const AuthorityTerms&);
/// What to say of a CA that is shorter than that; nothing: it is long enough.
std::optional<std::string> lifetime_warning(const AuthorityTerms&);

/// When the bundle no longer needs a CA: `last_leaf` is the greatest notAfter that it ever issued,
/// `crl_period` from one CRL to the next.
Timestamp retirement(Timestamp last_leaf, Duration crl_period);

}  // namespace csrflow::engine
