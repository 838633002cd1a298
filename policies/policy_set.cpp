#include <algorithm>
#include <map>

#include "policies/evaluation.hpp"

namespace csrflow::policies {
namespace {

template <class Pattern>
std::uint64_t patterns_of(const std::optional<NameRule<Pattern>>& rule) {
  return rule ? rule->denied.size() + (rule->allowed ? rule->allowed->size() : 0) : 0;
}

void add(PolicySet::Weight& weight, const StringRule& rule) {
  weight.patterns += rule.values.size() + 1;
  for (const Regex& regex : rule.regex)
    weight.instructions += static_cast<std::uint64_t>(regex.program_size());
}

template <class T>
std::uint64_t size_of(const std::optional<std::vector<T>>& list) {
  return list ? list->size() : 0;
}

/// Everything that each value may be compared with, and a few comparisons more that every block makes.
PolicySet::Weight weight_of(const ApprovalPolicy& policy) {
  constexpr std::uint64_t fixed = 16;
  PolicySet::Weight weight{.patterns = fixed};
  const Match& match = policy.match;
  weight.patterns += size_of(match.signer_names) + size_of(match.requesters.users) +
                     size_of(match.requesters.groups) + match.requesters.not_users.size() +
                     match.requesters.not_groups.size() + match.labels.match_labels.size();
  for (const LabelExpression& expression : match.labels.match_expressions)
    weight.patterns += expression.values.size() + 1;
  if (match.requesters.users_match)
    weight.instructions += static_cast<std::uint64_t>(match.requesters.users_match->program_size());
  if (const auto& subject = policy.require.subject) {
    for (const auto& rule : subject->attributes) {
      if (rule) add(weight, *rule);
    }
    for (const auto& [oid, rule] : subject->others) add(weight, rule);
  }
  if (const auto& names = policy.require.names) {
    if (names->dns) weight.patterns += patterns_of<DnsPattern>(*names->dns);
    weight.patterns += patterns_of(names->ip) + patterns_of(names->email) + patterns_of(names->uri) +
                       names->same_as_requester.size();
  }
  weight.patterns += size_of(policy.require.usages.allowed) + policy.require.usages.required.size() +
                     2 * size_of(policy.require.usages.exactly) + size_of(policy.require.extensions.allowed);
  if (policy.require.at) weight.patterns += 3 * policy.require.at->windows.size();
  return weight;
}

std::string domain_of(std::string_view signer) {
  return std::string(signer.substr(0, signer.find('/')));
}

}  // namespace

PolicySet::PolicySet(std::vector<PolicyPtr> policies) {
  std::map<std::string, PolicyPtr> by_name;
  for (PolicyPtr& policy : policies) by_name.insert_or_assign(policy->name, std::move(policy));
  for (auto& [name, policy] : by_name) policies_.push_back(std::move(policy));
  std::ranges::stable_sort(policies_, std::greater(),
                           [](const PolicyPtr& policy) { return policy->priority; });
  for (const PolicyPtr& policy : policies_) weights_.push_back(weight_of(*policy));

  // The names and domains that are written out somewhere; then each policy joins those that it covers.
  for (const PolicyPtr& policy : policies_) {
    if (!policy->match.signer_names) continue;
    for (const SignerPattern& pattern : *policy->match.signer_names) {
      if (pattern.text == "*") continue;
      if (pattern.text.ends_with("/*")) {
        by_domain_.try_emplace(domain_of(pattern.text));
      } else {
        by_signer_.try_emplace(pattern.text);
      }
    }
  }
  const auto covers = [](const ApprovalPolicy& policy, std::string_view signer) {
    return !policy.match.signer_names ||
           std::ranges::any_of(*policy.match.signer_names,
                               [&](const SignerPattern& p) { return p.covers(signer); });
  };
  for (std::uint32_t i = 0; i < policies_.size(); ++i) {
    for (auto& [signer, indices] : by_signer_) {
      if (covers(*policies_[i], signer)) indices.push_back(i);
    }
    // No signer has such a name, so that only `domain/*` and `*` cover it.
    for (auto& [domain, indices] : by_domain_) {
      if (covers(*policies_[i], domain + "/\x01")) indices.push_back(i);
    }
    if (covers(*policies_[i], "")) for_all_.push_back(i);
  }
}

PolicyPtr PolicySet::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(policies_, [&](const PolicyPtr& policy) { return policy->name == name; });
  return found == policies_.end() ? nullptr : *found;
}

std::span<const std::uint32_t> PolicySet::candidates(std::string_view signer_name) const {
  if (const auto found = by_signer_.find(std::string(signer_name)); found != by_signer_.end())
    return found->second;
  if (const auto found = by_domain_.find(domain_of(signer_name)); found != by_domain_.end())
    return found->second;
  return for_all_;
}

std::vector<PolicySet::RateWindow> PolicySet::rates(std::string_view signer_name) const {
  std::vector<RateWindow> windows;
  const auto add = [&](RateKind kind, const std::optional<Rate>& rate) {
    if (!rate) return;
    const RateWindow window{kind, rate->period};
    if (std::ranges::find(windows, window) == windows.end()) windows.push_back(window);
  };
  for (const std::uint32_t index : candidates(signer_name)) {
    const RateRule& rule = policies_[index]->require.rate;
    add(RateKind::per_requester, rule.per_requester);
    add(RateKind::per_name, rule.per_name);
    add(RateKind::per_signer, rule.per_signer);
  }
  return windows;
}

}  // namespace csrflow::policies
