// When a request that is done with may go: Kubernetes' csrcleaner, with periods that the operator chooses.
#pragma once

#include <optional>

#include "engine/csr.hpp"

namespace csrflow::engine {

/// How long a request stays in each state; nothing: for ever. Its history stays in any case.
struct Retention {
  std::optional<Duration> pending;         ///< no condition at all; since its creation
  std::optional<Duration> approved;        ///< without a certificate; since its approval
  std::optional<Duration> issued;          ///< with a certificate; since its approval
  std::optional<Duration> denied, failed;  ///< since it was
  bool expired = false;                    ///< goes as soon as its certificate is no longer valid

  bool keeps_everything() const { return !pending && !approved && !issued && !denied && !failed && !expired; }
};

/// kube-controller-manager's: 24 h pending or unissued, 1 h issued, denied or failed, and what has expired.
Retention kubernetes_retention();

/// When the live object may be deleted; nothing: not in this state. Zero times never count, and a request
/// with only conditions of other controllers stays.
std::optional<Timestamp> deletable_at(const CsrState&, const Retention&);

/// Until when the live object is needed, since its certificate still is to have a successor: csrflow or a
/// host makes it from it. Nothing: it is not. `rules` null: there are only requests' own annotations.
std::optional<Timestamp> needed_until(const CsrState&, const StandingRules* rules);

}  // namespace csrflow::engine
