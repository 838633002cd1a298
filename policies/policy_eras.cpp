#include "policies/policy_eras.hpp"

#include <algorithm>
#include <map>

namespace csrflow::policies {
namespace {

using ByName = std::map<std::string, PolicyPtr>;

std::shared_ptr<const PolicySet> set_of(const ByName& policies) {
  std::vector<PolicyPtr> all;
  for (const auto& [name, policy] : policies) all.push_back(policy);
  return std::make_shared<const PolicySet>(std::move(all));
}

void add(PastNeeds& needs, const ApprovalPolicy& policy) {
  const RateRule& rate = policy.require.rate;
  const KeyReuse reuse = policy.require.key.not_reused_by;
  needs.rates |= rate.per_requester || rate.per_name || rate.per_signer;
  needs.key_uses |= reuse != KeyReuse::unchecked;
  const bool lineage = policy.require.predecessor || policy.match.rotation != RotationMatch::any ||
                       policy.match.requested_by != RequestedBy::any ||
                       (policy.review && policy.review->separate_from_predecessor);
  needs.predecessors |= lineage;
  needs.key_uses |= policy.require.predecessor.has_value();
}

}  // namespace

PolicyEras::PolicyEras(const std::vector<PolicyChange>& changes, const std::vector<PolicyPtr>& given,
                       bool only) {
  ByName then, replayed;
  for (const PolicyPtr& policy : given) replayed.insert_or_assign(policy->name, policy);
  const ByName fixed = replayed;
  eras_.push_back({.from = {}, .at = {}, .then = set_of(then), .replayed = set_of(replayed)});
  for (const PolicyChange& change : changes) {
    const auto put = [&](ByName& into) {
      if (change.policy)
        into.insert_or_assign(change.name, change.policy);
      else
        into.erase(change.name);
    };
    PolicyEra era{change.position, change.at, nullptr, eras_.back().replayed};
    put(then);
    era.then = set_of(then);
    if (!only && !fixed.contains(change.name)) {
      put(replayed);
      // The same set where nothing was replaced, so that what is decided once need not be decided again.
      era.replayed = given.empty() ? era.then : set_of(replayed);
    }
    eras_.push_back(std::move(era));
  }
  if (given.empty() && !only) eras_.front().replayed = eras_.front().then;
}

const PolicyEra& PolicyEras::before(engine::Position position) const {
  const auto after = std::ranges::lower_bound(eras_, position, {}, &PolicyEra::from);
  return after == eras_.begin() ? eras_.front() : *std::prev(after);
}

std::vector<const PolicyEra*> PolicyEras::changes(engine::Position after, engine::Position until) const {
  std::vector<const PolicyEra*> found;
  for (auto era = std::ranges::upper_bound(eras_, after, {}, &PolicyEra::from);
       era != eras_.end() && era->from < until; ++era)
    if (era->replayed != std::prev(era)->replayed) found.push_back(&*era);
  return found;
}

PastNeeds needs_of(const PolicyEras& eras) {
  PastNeeds needs;
  for (const PolicyEra& era : eras.all())
    for (const PolicySet* set : {era.then.get(), era.replayed.get()})
      for (const PolicyPtr& policy : set->policies()) add(needs, *policy);
  return needs;
}

}  // namespace csrflow::policies
