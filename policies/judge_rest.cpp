// Usages, key, lifetime, extensions, predecessor, time and rates.
#include <algorithm>
#include <array>

#include "policies/attributes.hpp"
#include "policies/judging.hpp"

namespace csrflow::policies {
namespace {

bool contains(const Strings& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

bool same_set(const Strings& a, const Strings& b) {
  return std::ranges::all_of(a, [&](const std::string& value) { return contains(b, value); }) &&
         std::ranges::all_of(b, [&](const std::string& value) { return contains(a, value); });
}

constexpr std::array<std::string_view, 4> algorithm_words{"RSA", "ECDSA", "Ed25519", "Ed448"};

bool reused(KeyReuse rule, const KeyUse& use, const Facts& facts) {
  switch (rule) {
    case KeyReuse::unchecked:
      return false;
    case KeyReuse::others:
      return use.user != facts.requester.user;
    case KeyReuse::anyone:
      return true;
    case KeyReuse::outside_lineage:
      return !use.ancestor;
  }
  return true;
}

}  // namespace

void judge_usages(Judging& judging) {
  const UsagesRule& rule = judging.policy.require.usages;
  const Strings& usages = judging.facts.usages;
  if (rule.allowed) {
    judging.steps += rule.allowed->size() * usages.size();
    for (std::uint32_t i = 0; i < usages.size(); ++i) {
      if (!contains(*rule.allowed, usages[i])) judging.fail(Constraint::usages_allowed, i);
    }
  }
  judging.steps += rule.required.size() * usages.size();
  for (std::uint32_t i = 0; i < rule.required.size(); ++i) {
    if (!contains(usages, rule.required[i])) judging.fail(Constraint::usages_required, i);
  }
  if (!rule.exactly) return;
  judging.steps += 2 * rule.exactly->size() * usages.size();
  if (!same_set(usages, *rule.exactly)) judging.fail(Constraint::usages_exactly);
}

void judge_key(Judging& judging) {
  const KeyRule& rule = judging.policy.require.key;
  const KeyFacts& key = judging.facts.key;
  judging.steps += 1;
  if (rule.algorithms && std::ranges::none_of(*rule.algorithms, [&](KeyAlgorithm algorithm) {
        return algorithm_words[static_cast<std::size_t>(algorithm)] == key.algorithm;
      }))
    judging.fail(Constraint::key_algorithms);
  if (key.algorithm == "RSA" && rule.min_rsa && key.bits < *rule.min_rsa)
    judging.fail(Constraint::key_min_rsa);
  if (key.algorithm == "RSA" && rule.max_rsa && key.bits > *rule.max_rsa)
    judging.fail(Constraint::key_max_rsa);
  if (key.algorithm == "ECDSA" && rule.curves && !contains(*rule.curves, key.curve))
    judging.fail(Constraint::key_curves);
  if (rule.not_reused_by == KeyReuse::unchecked) return;
  judging.steps += key.used_by.size();
  for (std::uint32_t i = 0; i < key.used_by.size(); ++i) {
    if (reused(rule.not_reused_by, key.used_by[i], judging.facts))
      judging.fail(Constraint::key_not_reused_by, i);
  }
}

void judge_lifetime(Judging& judging) {
  const LifetimeRule& rule = judging.policy.require.lifetime;
  if (rule.max && judging.facts.lifetime > *rule.max) judging.fail(Constraint::lifetime_max);
  if (rule.min && judging.facts.lifetime < *rule.min) judging.fail(Constraint::lifetime_min);
}

void judge_extensions(Judging& judging) {
  const auto& allowed = judging.policy.require.extensions.allowed;
  if (!allowed) return;
  const Facts& facts = judging.facts;
  for (std::uint32_t i = 0; i < facts.extensions.size(); ++i) {
    judging.steps += allowed->size() + 1;
    if (!always_allowed_extension(facts.extensions[i], facts.requests_ca) &&
        !contains(*allowed, facts.extensions[i]))
      judging.fail(Constraint::extensions_allowed, i);
  }
}

void judge_predecessor(Judging& judging) {
  if (!judging.policy.require.predecessor) return;
  const PredecessorRule& rule = *judging.policy.require.predecessor;
  const auto& predecessor = judging.facts.predecessor;
  const auto fail = [&](PredecessorFault fault) { judging.fail(Constraint::predecessor, 0, fault); };
  ++judging.steps;
  if (!predecessor) return fail(PredecessorFault::no_rotation);
  if (predecessor->revoked && !rule.allow_revoked) fail(PredecessorFault::revoked);
  if (predecessor->not_after && judging.facts.at > *predecessor->not_after + rule.allow_expired)
    fail(PredecessorFault::expired);
  if (rule.same_spec && !predecessor->same_spec) fail(PredecessorFault::spec_differs);
  if (rule.same_requester && !predecessor->same_requester) fail(PredecessorFault::requester_differs);
  if (rule.max_generations && predecessor->generation > *rule.max_generations)
    fail(PredecessorFault::generation);
  if (rule.max_key_age && predecessor->key_age > *rule.max_key_age) fail(PredecessorFault::key_age);
  if ((rule.decided_by == PredecessorDecider::policy && predecessor->decided_by != DecidedBy::policy) ||
      (rule.decided_by == PredecessorDecider::person && predecessor->decided_by != DecidedBy::person))
    fail(PredecessorFault::decided_by);
}

void judge_time(Judging& judging) {
  const auto& schedule = judging.policy.require.at;
  if (!schedule) return;
  judging.steps += 3 * schedule->windows.size() + 1;
  if (!schedule->holds(judging.facts.at)) judging.fail(Constraint::at);
}

const Count* count_of(const Facts& facts, RateKind kind, engine::Duration period) {
  for (const Count& count : facts.counts) {
    if (count.kind == kind && (count.period == period || count.period.microseconds == 0)) return &count;
  }
  return nullptr;
}

void judge_rates(Judging& judging) {
  const RateRule& rule = judging.policy.require.rate;
  const auto check = [&](const std::optional<Rate>& rate, RateKind kind, Constraint constraint) {
    if (!rate) return;
    judging.steps += judging.facts.counts.size() + 1;
    const Count* count = count_of(judging.facts, kind, rate->period);
    if (count == nullptr || count->count > rate->limit) judging.fail(constraint);
  };
  check(rule.per_requester, RateKind::per_requester, Constraint::rate_per_requester);
  check(rule.per_name, RateKind::per_name, Constraint::rate_per_name);
  check(rule.per_signer, RateKind::per_signer, Constraint::rate_per_signer);
}

void judge_age(Judging& judging) {
  const auto& max_age = judging.policy.require.request.max_age;
  if (max_age && judging.facts.at - judging.facts.created_at > *max_age)
    judging.fail(Constraint::request_max_age);
}

}  // namespace csrflow::policies
