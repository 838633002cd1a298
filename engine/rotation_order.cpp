#include "engine/rotation_order.hpp"

namespace csrflow::engine {
namespace {

/// The request's own annotation is a policy for it alone.
RotationOrder own_order(RotationMode mode) {
  static const auto orders = [] {
    std::array<std::shared_ptr<const RotationRules>, std::size(rotation_mode_words)> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      RotationRules rules;
      rules.mode = static_cast<RotationMode>(i);
      rules.approval = RotationApproval::inherit;
      all[i] = std::make_shared<const RotationRules>(std::move(rules));
    }
    return all;
  }();
  return {.policy = "annotation " + std::string(annotation::rotation),
          .hash = {},
          .rules = orders[static_cast<std::size_t>(mode)]};
}

}  // namespace

std::optional<RotationOrder> rotation_order(const CsrState& state, const LedgerEntry& held,
                                            const StandingRules* rules) {
  if (held.deleted || !state.live(held.uid)) return std::nullopt;
  if (rules && !state.obligations.rotation_policy.empty())
    if (auto order = rules->named(state.obligations.rotation_policy, state)) return order;
  if (held.asked) return own_order(*held.asked);
  if (!rules) return std::nullopt;
  return rules->matching(state);
}

Rotatable rotatable(const StreamId& stream, const LedgerEntry& held, const RotationOrder& order) {
  Rotatable r{.stream = stream,
              .serial = held.serial,
              .validity = {std::max(held.not_before, held.issued_at), held.not_after},
              .bulk = held.bulk,
              .canary = order.canary,
              .known_since = {}};
  if (order.since > held.signed_at) r.known_since = order.since_time;
  return r;
}

Position cause_of(const LedgerEntry& held, const RotationOrder& order) {
  return std::max(held.signed_at, order.since);
}

}  // namespace csrflow::engine
