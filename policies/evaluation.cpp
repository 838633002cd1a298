#include "policies/evaluation.hpp"

#include <algorithm>

#include "policies/judging.hpp"

namespace csrflow::policies {
namespace {

Result result_of(Outcome outcome, bool held) {
  switch (outcome) {
    case Outcome::approve:
      return Result::approve;
    case Outcome::deny:
      return Result::deny;
    case Outcome::review:
      return Result::review;
    case Outcome::next:
      break;
  }
  return held ? Result::next : Result::silent;
}

PolicyResult judged(const PolicyPtr& policy, const Facts& facts, std::uint64_t& steps) {
  PolicyResult result{.policy = policy};
  Judging judging{*policy, facts, result.failed};
  result.matched = matches(judging);
  if (result.matched) {
    judge_subject(judging);
    judge_names(judging);
    judge_usages(judging);
    judge_key(judging);
    judge_lifetime(judging);
    judge_extensions(judging);
    judge_predecessor(judging);
    judge_time(judging);
    judge_rates(judging);
    judge_age(judging);
    const bool held = result.failed.empty();
    result.result = result_of(held ? policy->outcome : policy->otherwise, held);
    if (result.result == Result::review) judge_review(facts, *policy->review, result, judging.steps);
  }
  steps += judging.steps;
  return result;
}

/// Index of the first policy that counts and of which this holds.
template <class Test>
std::optional<std::size_t> first(const Decision& decision, Test test) {
  for (std::size_t i = 0; i < decision.policies.size(); ++i) {
    if (!decision.policies[i].policy->suspended && test(decision.policies[i])) return i;
  }
  return std::nullopt;
}

/// A person's last word, if it is a denial.
std::optional<std::size_t> denying_word(const Facts& facts) {
  for (std::size_t i = 0; i < facts.words.size(); ++i) {
    if (facts.words[i].verdict != WordVerdict::deny) continue;
    const auto later =
        std::find_if(facts.words.begin() + static_cast<std::ptrdiff_t>(i) + 1, facts.words.end(),
                     [&](const Word& word) { return word.user == facts.words[i].user; });
    if (later == facts.words.end()) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> nearest_miss(const Decision& decision) {
  std::optional<std::size_t> nearest;
  for (std::size_t i = 0; i < decision.policies.size(); ++i) {
    const PolicyResult& one = decision.policies[i];
    if (one.policy->suspended || !one.near_miss()) continue;
    if (!nearest || one.failed.size() < decision.policies[*nearest].failed.size()) nearest = i;
  }
  return nearest;
}

void conclude(Decision& decision, Verdict verdict, Reason reason, std::optional<std::size_t> deciding) {
  decision.verdict = verdict;
  decision.reason = reason;
  decision.deciding = deciding;
}

void combine(Decision& decision, const Facts& facts) {
  const auto says = [&](Result wanted) {
    return first(decision, [&](const PolicyResult& one) { return one.result == wanted; });
  };
  const auto review = [&](auto test) {
    return first(decision,
                 [&](const PolicyResult& one) { return one.result == Result::review && test(one); });
  };
  if (const auto denies = says(Result::deny))
    return conclude(decision, Verdict::deny, Reason::PolicyDenied, denies);
  if ((decision.denying_word = denying_word(facts)))
    return conclude(decision, Verdict::deny, Reason::ReviewDenied, std::nullopt);
  if (const auto late = review([](const PolicyResult& one) { return one.timed_out; }))
    return conclude(decision, Verdict::deny, Reason::ReviewTimeout, late);
  if (const auto waits = review([](const PolicyResult& one) { return !one.fulfilled; }))
    return conclude(decision, Verdict::waits, Reason::none, waits);
  if (const auto reviewed = says(Result::review))
    return conclude(decision, Verdict::approve, Reason::ReviewComplete, reviewed);
  if (const auto approves = says(Result::approve))
    return conclude(decision, Verdict::approve, Reason::PolicyApproved, approves);
  if (facts.node_approval) {
    decision.node_approval = true;
    return conclude(decision, Verdict::approve, Reason::PolicyApproved, std::nullopt);
  }
  conclude(decision, Verdict::person, Reason::none, nearest_miss(decision));
}

/// How many values and bytes a request has to be compared.
struct Size {
  std::uint64_t values = 1, bytes = 1;
};
Size size_of(const Facts& facts) {
  Size size;
  size.values += facts.subject.size() + facts.names.size() + facts.usages.size() + facts.extensions.size() +
                 facts.requester.groups.size() + facts.key.used_by.size() + facts.counts.size();
  for (const Attribute& attribute : facts.subject) size.bytes += attribute.value.size() + 1;
  size.bytes += facts.requester.user.size() + 1;
  return size;
}

/// Each person's word may move through every demand, and each demand knows groups and users.
std::uint64_t review_bound(const ApprovalPolicy& policy, const Facts& facts) {
  if (!policy.review || facts.words.empty()) return 0;
  std::uint64_t each = 1;
  std::uint64_t groups = 1;
  for (const Word& word : facts.words) groups = std::max<std::uint64_t>(groups, word.groups.size());
  for (const Demand& demand : policy.review->approvers)
    each += (demand.users.size() + demand.groups.size() * groups + 1) *
            (static_cast<std::uint64_t>(demand.count) * max_demands + 1);
  return facts.words.size() * (each + facts.words.size());
}

}  // namespace

std::string_view reason_word(Reason reason) {
  constexpr std::string_view words[] = {"",
                                        "PolicyApproved",
                                        "PolicyDenied",
                                        "ReviewComplete",
                                        "ReviewDenied",
                                        "ReviewTimeout",
                                        "BuiltInDenied",
                                        "TooComplex"};
  return words[static_cast<std::size_t>(reason)];
}

const Failure* Decision::decisive() const {
  if (!deciding) return nullptr;
  const auto& failed = policies[*deciding].failed;
  return failed.empty() ? nullptr : &failed.front();
}

PolicyResult judge(const PolicyPtr& policy, const Facts& facts) {
  std::uint64_t steps = 0;
  return judged(policy, facts, steps);
}

std::uint64_t step_bound(const PolicySet& set, const Facts& facts) {
  const Size size = size_of(facts);
  std::uint64_t bound = 0;
  for (const std::uint32_t index : set.candidates(facts.signer_name)) {
    const PolicySet::Weight& weight = set.weight(index);
    bound += weight.patterns * size.values + weight.instructions * size.bytes +
             review_bound(*set.policies()[index], facts);
  }
  return bound;
}

Decision decide(const PolicySet& set, const Facts& facts) {
  Decision decision;
  if (!facts.built_in_denial.empty()) {
    conclude(decision, Verdict::deny, Reason::BuiltInDenied, std::nullopt);
    return decision;
  }
  if (step_bound(set, facts) > max_steps) {
    conclude(decision, Verdict::person, Reason::TooComplex, std::nullopt);
    return decision;
  }
  for (const std::uint32_t index : set.candidates(facts.signer_name)) {
    PolicyResult result = judged(set.policies()[index], facts, decision.steps);
    if (result.matched) decision.policies.push_back(std::move(result));
  }
  combine(decision, facts);
  return decision;
}

std::optional<engine::Timestamp> next_change(const PolicySet&, const Facts& facts, const Decision& decision) {
  std::optional<engine::Timestamp> next;
  const auto consider = [&](engine::Timestamp instant) {
    if (instant > facts.at && (!next || instant < *next)) next = instant;
  };
  if (decision.decided()) return next;
  // What holds up to an instant inclusive changes after it.
  constexpr engine::Duration tick{1};
  for (const PolicyResult& one : decision.policies) {
    const ApprovalPolicy& policy = *one.policy;
    if (policy.suspended) continue;
    if (policy.require.at) {
      if (const auto edge = policy.require.at->next_change(facts.at)) consider(*edge);
    }
    if (policy.require.request.max_age) consider(facts.created_at + *policy.require.request.max_age + tick);
    if (policy.require.predecessor && facts.predecessor && facts.predecessor->not_after)
      consider(*facts.predecessor->not_after + policy.require.predecessor->allow_expired + tick);
    if (one.result != Result::review || one.fulfilled) continue;
    if (policy.review->give_up) consider(facts.created_at + *policy.review->give_up);
    for (const Word& word : facts.words) {
      if (policy.review->lapse) consider(word.at + *policy.review->lapse);
    }
  }
  return next;
}

}  // namespace csrflow::policies
