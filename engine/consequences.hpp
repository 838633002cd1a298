// What a decision about a request stands on, and what follows from it in other streams.
#pragma once

#include "engine/csr.hpp"

namespace csrflow::engine {

/// A stream, its state, and all else that a decision may look at. The three outlive it.
struct Situation {
  const StreamId& stream;
  const CsrState& state;
  const Facts& facts;

  /// The state once this event, the first of the decision, is recorded.
  CsrState folded(const CsrEvent&) const;
  /// The state once `event` is recorded as number `n` of the decision (1, 2 …) after `before`.
  CsrState folded(CsrState before, const CsrEvent& event, std::uint64_t n) const;

  /// Our signer takes up at once what was approved.
  void sign_next(Decision&, const CsrState& after) const;
  /// A successor that will never get its certificate: the predecessor's stream must know.
  /// `lasting`: the same request fails again until something changes.
  void tell_predecessor_of_failure(Decision&, const Uid&, std::string reason, std::string message,
                                   bool lasting = false) const;
  void tell_predecessor_of_success(Decision&, const std::optional<Predecessor>&, const Signed&) const;
};

}  // namespace csrflow::engine
