#include "engine/rekey.hpp"

#include "engine/rotation_order.hpp"

namespace csrflow::engine {
namespace {

Refusal not_permitted(std::string why) {
  return {.kind = Refusal::Kind::not_permitted, .message = std::move(why)};
}

std::optional<Refusal> beyond_grace(const Situation& s, const CsrState& before, const LedgerEntry& held) {
  static const RotationRules by_default;
  const auto order = rotation_order(before, held, s.facts.rules);
  const RotationRules& rules = order ? *order->rules : by_default;
  const Validity validity{std::max(held.not_before, held.issued_at), held.not_after};
  // A certificate counts as valid up to its last second (RFC 5280 4.1.2.5).
  const Timestamp expired = held.not_after + seconds(1);
  if (s.facts.now < expired || s.facts.now <= end_of_grace(rules, validity)) return std::nullopt;
  const std::string ended = "its certificate expired " + rfc3339_seconds(held.not_after);
  const std::string way_out = ": ask with a new token (`csrflow token create --agent HOST`)";
  if (!rules.renew_expired)
    return not_permitted(ended + ", and the policy " + order->policy +
                         " does not renew expired certificates" + way_out);
  return not_permitted(ended + ", and the grace for a rekey ended " +
                       rfc3339_seconds(end_of_grace(rules, validity)) + way_out);
}

}  // namespace

std::optional<Refusal> rekey_forbidden(const Situation& s, const Create& c) {
  const auto& annotations = c.object.meta.annotations;
  const auto named = annotations.find(std::string(annotation::predecessor));
  const std::string name = named == annotations.end() ? "" : named->second;
  const auto before = s.facts.request ? s.facts.request(name) : nullptr;
  const LedgerEntry* held =
      before && before->object ? before->certificate_of(before->object->meta.uid) : nullptr;
  if (!held || held->serial != *c.proven_predecessor)
    return Refusal{.kind = Refusal::Kind::not_found,
                   .message = name + " has no certificate with serial number " + c.proven_predecessor->hex()};
  if (c.object.spec->signer_name != before->object->spec->signer_name)
    return not_permitted("a rekey stays with the signer of its predecessor, " +
                         before->object->spec->signer_name.text);
  return beyond_grace(s, *before, *held);
}

}  // namespace csrflow::engine
