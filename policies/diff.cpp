#include "policies/diff.hpp"

#include <set>

#include "policies/cases.hpp"
#include "policies/explain.hpp"
#include "policies/sample_requests.hpp"

namespace csrflow::policies {
namespace {

std::string verdict(const Decision& decision) {
  return decision.verdict == Verdict::waits
             ? "review"
             : std::string(verdict_words[static_cast<std::size_t>(decision.verdict)]);
}

/// What two decisions are compared by: the verdict, and of a review who must approve.
std::string essence(const Decision& decision) {
  std::string text = verdict(decision);
  if (decision.verdict != Verdict::waits) return text;
  for (const Demand& demand : decision.policies[*decision.deciding].policy->review->approvers) {
    text += '|' + std::to_string(demand.count);
    for (const auto* list : {&demand.groups, &demand.users}) {
      text += ':';
      for (const std::string& name : *list) text += name + ',';
    }
  }
  return text;
}

std::string cause(const Decision& decision) {
  const Failure* decisive = decision.decisive();
  return decisive == nullptr ? "" : constraint_name(*decisive);
}

}  // namespace

std::vector<Difference> diff(const PolicySet& before, const PolicySet& after) {
  std::vector<PolicyPtr> all(before.policies().begin(), before.policies().end());
  for (const PolicyPtr& policy : after.policies()) {
    const PolicyPtr old = before.find(policy->name);
    if (old == nullptr || old->hash != policy->hash) all.push_back(policy);
  }
  std::vector<Difference> differences;
  std::set<std::string> shown;
  for (const Tree& request : sample_requests(all)) {
    const std::string json = json_text(request);
    const auto facts = read_request_json(json, nullptr);
    if (!facts) continue;
    const Decision was = decide(before, *facts), is = decide(after, *facts);
    if (essence(was) == essence(is)) continue;
    const std::string pair = essence(was) + ' ' + cause(was) + " -> " + essence(is) + ' ' + cause(is);
    if (!shown.insert(pair).second) continue;
    differences.push_back({.request = json,
                           .before = verdict(was),
                           .after = verdict(is),
                           .before_why = sentence(was, *facts),
                           .after_why = sentence(is, *facts)});
  }
  return differences;
}

}  // namespace csrflow::policies
