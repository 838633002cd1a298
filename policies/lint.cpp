#include "policies/lint.hpp"

#include <algorithm>
#include <set>

#include "policies/cases.hpp"
#include "policies/lint_patterns.hpp"
#include "policies/match_relation.hpp"

namespace csrflow::policies {
namespace {

bool requires_nothing(const Require& r) {
  return !r.subject && !r.names && !r.usages.allowed && r.usages.required.empty() && !r.usages.exactly &&
         !r.key.algorithms && !r.key.min_rsa && !r.key.max_rsa && !r.key.curves &&
         r.key.not_reused_by == KeyReuse::unchecked && !r.lifetime.min && !r.lifetime.max && !r.at &&
         !r.rate.per_requester && !r.rate.per_name && !r.rate.per_signer && !r.predecessor &&
         !r.extensions.allowed && !r.request.max_age;
}

bool contains(const Strings& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

/// The warnings of one policy.
class Linter {
 public:
  Linter(const ApprovalPolicy& policy, Problems& problems) : policy_(policy), problems_(problems) {}

  void warn(std::string_view code, std::string path, std::string text) {
    problems_.push_back({.code = std::string(code),
                         .policy = policy_.name,
                         .path = std::move(path),
                         .text = std::move(text)});
  }

  void alone() {
    blocks();
    guards();
    cases();
    everyone();
    lint_patterns(policy_, [&](std::string_view code, const std::string& path, const std::string& text) {
      warn(code, path, text);
    });
  }

  void with(const ApprovalPolicy& other) {
    if (other.suspended || policy_.suspended) return;
    if (other.outcome == Outcome::deny && requires_nothing(other.require) &&
        covers(other.match, policy_.match))
      warn("W04", "spec.match", "policy " + other.name + " denies all of it, so that this one has no effect");
    const bool contrary = (policy_.outcome == Outcome::approve && other.outcome == Outcome::deny) ||
                          (policy_.outcome == Outcome::deny && other.outcome == Outcome::approve);
    if (contrary && policy_.name < other.name && same(policy_.match, other.match))
      warn("W08", "spec.outcome", "policy " + other.name + " has the same match and the contrary outcome");
    // A guard that must hold, too.
    const bool guard = other.outcome == Outcome::next && other.otherwise != Outcome::next;
    if (policy_.outcome != Outcome::next && policy_.require.at && guard && other.require.at &&
        covers(other.match, policy_.match) && never_together(*policy_.require.at, *other.require.at))
      warn("W15", "spec.require.at",
           "its windows never overlap those of policy " + other.name + ", which must hold, too");
  }

  void in(const LintContext& context) {
    for (const LintContext::Signer& signer : context.signers) {
      const auto& names = policy_.match.signer_names;
      if (names && std::ranges::any_of(*names, [&](const SignerPattern& p) { return p.covers(signer.name); }))
        under(signer);
    }
    known(context);
    members(context);
  }

 private:
  void blocks() {
    if (policy_.outcome != Outcome::approve) return;
    if (!policy_.require.names)
      warn("W01", "spec.require", "approves whatever names are asked for; add names");
    if (!policy_.require.subject)
      warn("W01", "spec.require", "approves whatever subject is asked for; add subject");
  }

  void guards() {
    if (policy_.outcome != Outcome::next) return;
    if (policy_.otherwise == Outcome::next)
      return warn("W17", "spec.otherwise",
                  "neither outcome nor otherwise says anything, so that it has no effect");
    const auto& names = policy_.require.names;
    if (names && !names->unlisted_written)
      warn("W18", "spec.require.names.unlisted",
           "a guard that does not say `unlisted: any` denies kinds of names that it does not list");
    if (names && names->dns && !names->dns->wildcards_written)
      warn("W18", "spec.require.names.dns.wildcards",
           "a guard that does not say `wildcards: true` denies wildcards, too");
    if (policy_.require.subject && !policy_.require.subject->unlisted_written)
      warn("W18", "spec.require.subject.unlisted",
           "a guard that does not say `unlisted: any` denies attributes that it does not list");
  }

  void cases() {
    if (policy_.cases.empty()) return warn("W13", "spec.cases", "there are no cases");
    if (policy_.otherwise == Outcome::next) return;
    const std::string wanted =
        "\"expect\":\"" + std::string(outcome_words[static_cast<std::size_t>(policy_.otherwise)]) + '"';
    const bool there = std::ranges::any_of(
        policy_.cases, [&](const std::string& json) { return json.find(wanted) != std::string::npos; });
    if (!there)
      warn("W13", "spec.cases", "no case is about otherwise: " + wanted.substr(10, wanted.size() - 11));
  }

  void everyone() {
    if (policy_.outcome != Outcome::approve) return;
    const Requesters& r = policy_.match.requesters;
    const bool open = !r.users && !r.groups && !r.users_match;
    const bool all = r.groups && (contains(*r.groups, "system:authenticated") ||
                                  contains(*r.groups, "system:unauthenticated"));
    // A predecessor by the same requester bounds who it is.
    const bool bound = policy_.require.predecessor && policy_.require.predecessor->same_requester;
    if ((open || all) && !bound)
      warn("W14", "spec.match.requesters", "everyone who is authenticated is approved");
  }

  void under(const LintContext::Signer& signer) {
    const auto& max = policy_.require.lifetime.max;
    if (max && signer.max_lifetime && *max > *signer.max_lifetime)
      warn("W03", "spec.require.lifetime.max",
           "above the " + duration_text(*signer.max_lifetime) + " of signer " + signer.name +
               ", so that it is never reached");
    Strings usages = policy_.require.usages.required;
    for (const auto* list : {&policy_.require.usages.allowed, &policy_.require.usages.exactly}) {
      if (*list) usages.insert(usages.end(), (*list)->begin(), (*list)->end());
    }
    for (const std::string& usage : std::set<std::string>(usages.begin(), usages.end())) {
      if (!signer.usages.empty() && !contains(signer.usages, usage))
        warn("W11", "spec.require.usages", "signer " + signer.name + " never grants \"" + usage + '"');
    }
    for (const KeyAlgorithm algorithm :
         policy_.require.key.algorithms.value_or(std::vector<KeyAlgorithm>())) {
      constexpr std::string_view words[] = {"RSA", "ECDSA", "Ed25519", "Ed448"};
      const std::string word(words[static_cast<std::size_t>(algorithm)]);
      if (!signer.algorithms.empty() && !contains(signer.algorithms, word))
        warn("W12", "spec.require.key.algorithms", "signer " + signer.name + " refuses " + word);
    }
  }

  void known(const LintContext& context) {
    const auto check = [&](const Strings& names, bool groups, const std::string& path) {
      for (const std::string& name : names) {
        const bool unknown = groups ? context.groups && !context.groups->contains(name)
                                    : context.users && !contains(*context.users, name);
        if (unknown)
          warn("W09", path,
               "no binding and no past request knows " + std::string(groups ? "group " : "user ") + name);
      }
    };
    const Requesters& r = policy_.match.requesters;
    check(r.users.value_or(Strings()), false, "spec.match.requesters.users");
    check(r.groups.value_or(Strings()), true, "spec.match.requesters.groups");
    check(r.not_users, false, "spec.match.requesters.notUsers");
    check(r.not_groups, true, "spec.match.requesters.notGroups");
    if (!policy_.review) return;
    for (const Demand& demand : policy_.review->approvers) {
      check(demand.users, false, "spec.review.approvers.users");
      check(demand.groups, true, "spec.review.approvers.groups");
    }
  }

  void members(const LintContext& context) {
    if (!policy_.review) return;
    for (std::size_t i = 0; i < policy_.review->approvers.size(); ++i) {
      const Demand& demand = policy_.review->approvers[i];
      const std::string path = "spec.review.approvers[" + std::to_string(i) + ']';
      std::set<std::string> able(demand.users.begin(), demand.users.end());
      bool all_known = true;
      for (const std::string& group : demand.groups) {
        const auto found =
            context.groups ? context.groups->find(group) : std::map<std::string, Strings>::const_iterator();
        if (!context.groups || found == context.groups->end()) {
          all_known = false;
        } else {
          able.insert(found->second.begin(), found->second.end());
        }
      }
      if (!all_known) continue;
      if (std::ssize(able) < demand.count)
        warn("W10", path,
             std::to_string(demand.count) + " are demanded, " + std::to_string(able.size()) + " are known");
      const Requesters& r = policy_.match.requesters;
      const auto asks = [&](const std::string& user) {
        return (r.users && contains(*r.users, user)) ||
               (r.groups && context.groups && std::ranges::any_of(*r.groups, [&](const std::string& group) {
                  const auto found = context.groups->find(group);
                  return found != context.groups->end() && contains(found->second, user);
                }));
      };
      if (policy_.review->separate_from_requester && able.size() == 1 && std::ranges::all_of(able, asks))
        warn("W10", path, "the only one who may approve is a requester, who must be another");
    }
  }

  const ApprovalPolicy& policy_;
  Problems& problems_;
};

}  // namespace

Problems lint(const std::vector<PolicyPtr>& policies, const LintContext& context) {
  Problems problems;
  for (const PolicyPtr& policy : policies) {
    std::ranges::move(failed_cases(policy), std::back_inserter(problems));
    Linter linter(*policy, problems);
    linter.alone();
    for (const PolicyPtr& other : policies) {
      if (other != policy) linter.with(*other);
    }
    linter.in(context);
  }
  return problems;
}

}  // namespace csrflow::policies
