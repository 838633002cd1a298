// What the policies of a decision ask for together.
#include <algorithm>

#include "policies/evaluation.hpp"

namespace csrflow::policies {
namespace {

struct Named {
  std::string policy;  ///< whose value holds
  std::string value;
};

/// The smallest policy name wins; a contradiction is a warning.
void put(std::optional<Named>& held, const std::string& policy, const std::string& value,
         const std::string& what, std::vector<Warning>& warnings) {
  if (!held) {
    held = Named{policy, value};
    return;
  }
  if (held->value == value) return;
  const bool wins = policy < held->policy;
  const Named loser = wins ? *held : Named{policy, value};
  if (wins) held = Named{policy, value};
  warnings.push_back({what + ": " + held->value + " of policy " + held->policy + " holds, " + loser.value +
                      " of policy " + loser.policy + " does not"});
}

void notify(Strings& all, const Strings& some) {
  for (const std::string& one : some) {
    if (std::ranges::find(all, one) == all.end()) all.push_back(one);
  }
}

}  // namespace

MergedObligations obligations(const Decision& decision) {
  MergedObligations merged;
  std::map<std::string, std::optional<Named>> labels;
  std::optional<Named> rotation_policy;
  for (const PolicyResult& one : decision.policies) {
    const Obligations& own = one.policy->obligations;
    if (one.policy->suspended) continue;
    const bool approves = decision.verdict == Verdict::approve &&
                          (one.result == Result::approve || (one.result == Result::review && one.fulfilled));
    if (approves || one.result == Result::deny || one.near_miss()) notify(merged.all.notify, own.notify);
    if (!approves) continue;
    if (own.shorten_lifetime_to &&
        (!merged.all.shorten_lifetime_to || *own.shorten_lifetime_to < *merged.all.shorten_lifetime_to))
      merged.all.shorten_lifetime_to = own.shorten_lifetime_to;
    for (const auto& [key, value] : own.labels)
      put(labels[key], one.policy->name, value, "label " + key, merged.warnings);
    if (!own.rotation_policy.empty())
      put(rotation_policy, one.policy->name, own.rotation_policy, "rotation policy", merged.warnings);
    merged.all.require_rekey = merged.all.require_rekey || own.require_rekey;
  }
  for (const auto& [key, held] : labels) merged.all.labels.emplace(key, held->value);
  if (rotation_policy) merged.all.rotation_policy = rotation_policy->value;
  std::ranges::sort(merged.all.notify);
  return merged;
}

}  // namespace csrflow::policies
