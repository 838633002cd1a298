// By which rules a certificate rotates: the port through which timers and decisions ask the configuration.
#pragma once

#include <memory>
#include <optional>

#include "engine/csr.hpp"
#include "engine/rotation_plan.hpp"

namespace csrflow::engine {

struct RotationOrder {
  std::string policy;  ///< name of a RotationPolicy, or `annotation csrflow.io/rotation`
  std::string hash;    ///< of the policy; empty: the annotation
  std::shared_ptr<const RotationRules> rules;
  bool canary = false;
  /// The event that put this version of the policy in force; 0: the request's own annotation.
  Position since;
  Timestamp since_time;
};

/// The configuration, as far as timers depend on it. Deterministic: what it answers depends on the question
/// and on the configuration's events up to a position.
struct StandingRules {
  virtual ~StandingRules() = default;
  /// The policy of this name; nothing when there is none.
  virtual std::optional<RotationOrder> named(std::string_view policy, const CsrState&) const = 0;
  /// Of the policies that match the live request the most specific.
  virtual std::optional<RotationOrder> matching(const CsrState&) const = 0;
  /// Does somebody want to hear when the live request's certificate expires without a successor?
  virtual bool expiry_is_watched(const CsrState&) const = 0;
  /// Empty: the successor asks for the same as its predecessor (`rekey`: but for its key). Else what differs,
  /// as a sentence.
  virtual std::string difference_of(const CsrState& predecessor, const CsrState& successor) const = 0;
  /// The longest lifetime that the CA's signers give, with what is backdated.
  virtual Duration longest_lifetime() const = 0;
};

/// What the live certificate rotates by: what its approval says, else its request's annotation, else the most
/// specific policy. `rules` may be null: there are no policies.
std::optional<RotationOrder> rotation_order(const CsrState&, const LedgerEntry&, const StandingRules* rules);

/// The certificate for plan_rotation.
Rotatable rotatable(const StreamId&, const LedgerEntry&, const RotationOrder&);
/// Of the order's timers: the later of `signed` and the policy's event.
Position cause_of(const LedgerEntry&, const RotationOrder&);

}  // namespace csrflow::engine
