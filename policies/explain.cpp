#include "policies/explain.hpp"

#include <algorithm>

#include "engine/json_writer.hpp"
#include "policies/judging.hpp"

namespace csrflow::policies {
namespace {

using engine::JsonObject;

std::string joined(const Strings& values, std::string_view by) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : std::string(by)) + value;
  return text;
}

std::string cited(const ApprovalPolicy& policy) {
  return "policy " + policy.name + " (" + std::string(policy.short_hash()) + ')';
}

/// `2 of group pki-team`, `1 of group a or b or user c`.
std::string demand_text(const Demand& demand) {
  std::string text = std::to_string(demand.count) + " of ";
  if (!demand.groups.empty()) text += "group " + joined(demand.groups, " or ");
  if (!demand.groups.empty() && !demand.users.empty()) text += " or ";
  if (!demand.users.empty()) text += "user " + joined(demand.users, " or ");
  return text;
}

std::string demands_text(const Review& review) {
  std::string text;
  for (const Demand& demand : review.approvers) text += (text.empty() ? "" : " and ") + demand_text(demand);
  return text;
}

/// Those who fill places, in the order in which they spoke.
Strings speakers(const PolicyResult& result, const Facts& facts) {
  std::vector<std::uint32_t> words;
  for (const Filled& filled : result.demands)
    words.insert(words.end(), filled.words.begin(), filled.words.end());
  std::ranges::sort(words);
  Strings users;
  for (const std::uint32_t word : words) users.push_back(facts.words[word].user);
  return users;
}

/// `; has carol, dave`, and who spoke but must be another.
std::string progress_words(const PolicyResult& result, const Facts& facts) {
  std::string text;
  if (const Strings has = speakers(result, facts); !has.empty()) text += "; has " + joined(has, ", ");
  for (const std::uint32_t word : result.may_not)
    text += "; " + refused_text(facts, *result.policy->review, facts.words[word]);
  return text;
}

std::string first_failure(const PolicyResult& result, const Facts& facts) {
  return result.failed.empty() ? "" : failure_text(*result.policy, facts, result.failed.front());
}

std::string person_text(const Facts& facts) {
  return "a person with approve on " + facts.signer_name + " decides";
}

/// Counts towards an approval.
bool approves(const PolicyResult& one) {
  return !one.policy->suspended &&
         (one.result == Result::approve || (one.result == Result::review && one.fulfilled));
}

std::string approved_text(const Decision& decision) {
  if (decision.node_approval) return "approved by policy csrflow:node-approval";
  const PolicyResult& deciding = decision.policies[*decision.deciding];
  std::string text = "approved by " + cited(*deciding.policy);
  for (std::size_t i = 0; i < decision.policies.size(); ++i) {
    if (i != *decision.deciding && approves(decision.policies[i]))
      text += " and " + decision.policies[i].policy->name;
  }
  return text;
}

std::string denied_text(const Decision& decision, const Facts& facts) {
  if (decision.reason == Reason::BuiltInDenied) return "denied: " + facts.built_in_denial;
  if (decision.denying_word) {
    const Word& word = facts.words[*decision.denying_word];
    return "denied by " + word.user + (word.message.empty() ? "" : ": " + word.message);
  }
  const PolicyResult& deciding = decision.policies[*decision.deciding];
  std::string text = "denied by " + cited(*deciding.policy);
  if (decision.reason == Reason::ReviewTimeout)
    return text + ": the review was not complete within " + duration_text(*deciding.policy->review->give_up);
  const std::string why = first_failure(deciding, facts);
  return why.empty() ? text : text + ": " + why;
}

std::string waits_text(const Decision& decision, const Facts& facts) {
  std::string text = "waits for ";
  std::string why;
  for (std::size_t i = *decision.deciding; i < decision.policies.size(); ++i) {
    const PolicyResult& one = decision.policies[i];
    if (one.policy->suspended || one.result != Result::review || one.fulfilled) continue;
    if (i != *decision.deciding) text += "; and for ";
    text += demands_text(*one.policy->review) + " (policy " + one.policy->name + ' ' +
            std::string(one.policy->short_hash()) + ')' + progress_words(one, facts);
    if (why.empty()) why = first_failure(one, facts);
  }
  return why.empty() ? text : text + ": " + why;
}

std::string undecided_text(const Decision& decision, const Facts& facts) {
  if (decision.reason == Reason::TooComplex)
    return "the request is too complex for its policies; " + person_text(facts);
  if (decision.deciding) {
    const PolicyResult& miss = decision.policies[*decision.deciding];
    return "no policy decides: " + miss.policy->name + " misses by " + first_failure(miss, facts) + "; " +
           person_text(facts);
  }
  const bool any =
      std::ranges::any_of(decision.policies, [](const PolicyResult& one) { return !one.policy->suspended; });
  return std::string(any ? "no policy decides; " : "no policy matches; ") + person_text(facts);
}

// ── the JSON ───────────────────────────────────────────────────────────────────────────────────────────────

template <class Items, class Write>
void list(JsonObject& object, std::string_view name, const Items& items, Write write) {
  std::string& out = object.key(name);
  out += '[';
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    JsonObject one(out);
    write(one, item);
  }
  out += ']';
}

void write_demands(JsonObject& object, const PolicyResult& one, const Facts& facts) {
  std::string& out = object.key("demands");
  out += '[';
  for (std::size_t i = 0; i < one.demands.size(); ++i) {
    if (i != 0) out += ',';
    const Demand& demand = one.policy->review->approvers[i];
    JsonObject item(out);
    if (!demand.groups.empty()) item.texts("groups", demand.groups);
    if (!demand.users.empty()) item.texts("users", demand.users);
    item.number("count", demand.count);
    Strings has;
    for (const std::uint32_t word : one.demands[i].words) has.push_back(facts.words[word].user);
    item.texts("has", has);
  }
  out += ']';
}

void write_policy(JsonObject& object, const PolicyResult& one, const Facts& facts) {
  const std::string_view result = result_words[static_cast<std::size_t>(one.result)];
  object.text("name", one.policy->name);
  object.text("hash", one.policy->hash);
  object.text("result", one.policy->suspended ? "silent" : result);
  if (one.policy->suspended) {
    object.boolean("suspended", true);
    object.text("would", result);
  }
  if (one.near_miss()) object.boolean("nearMiss", true);
  if (!one.policy->description.empty()) object.text("description", one.policy->description);
  if (one.result == Result::review) write_demands(object, one, facts);
  if (one.failed.empty()) return;
  list(object, "failed", one.failed, [&](JsonObject& item, const Failure& failure) {
    item.text("constraint", constraint_name(failure));
    item.text("value", failure_value(*one.policy, facts, failure));
    item.text("limit", failure_limit(*one.policy, facts, failure));
    item.text("text", failure_text(*one.policy, facts, failure));
  });
}

void write_deciding(JsonObject& object, const Decision& decision) {
  const bool decides = decision.deciding && decision.verdict != Verdict::person;
  const PolicyResult* one = decides ? &decision.policies[*decision.deciding] : nullptr;
  object.text("policy", one != nullptr           ? one->policy->name
                        : decision.node_approval ? "csrflow:node-approval"
                                                 : "");
  object.text("hash", one != nullptr ? one->policy->hash : "");
  object.text("result", one != nullptr ? result_words[static_cast<std::size_t>(one->result)] : "");
  object.text("constraint",
              one != nullptr && !one->failed.empty() ? constraint_name(one->failed.front()) : "");
}

std::string_view rate_word(RateKind kind) {
  constexpr std::string_view words[] = {"perRequester", "perName", "perSigner"};
  return words[static_cast<std::size_t>(kind)];
}

const PolicyResult* waiting(const Decision& decision) {
  return decision.verdict == Verdict::waits ? &decision.policies[*decision.deciding] : nullptr;
}

}  // namespace

std::string refused_text(const Facts& facts, const Review& review, const Word& word) {
  const bool asked = review.separate_from_requester && is_requester(facts, word);
  return word.user + (asked ? " asked; another must approve"
                            : " decided the predecessor's request; another must approve");
}

std::string sentence(const Decision& decision, const Facts& facts) {
  switch (decision.verdict) {
    case Verdict::approve:
      return approved_text(decision);
    case Verdict::deny:
      return denied_text(decision, facts);
    case Verdict::waits:
      return waits_text(decision, facts);
    case Verdict::person:
      return undecided_text(decision, facts);
  }
  return {};
}

std::string deciding_actor(const Decision& decision) {
  if (decision.node_approval) return "csrflow:node-approval";
  if (!decision.deciding || decision.verdict == Verdict::person) return {};
  return "csrflow:policy:" + decision.policies[*decision.deciding].policy->name;
}

std::string explanation_json(const PolicySet& set, const Facts& facts, const Decision& decision, bool all) {
  std::string out;
  {
    JsonObject object(out);
    object.text("verdict", verdict_words[static_cast<std::size_t>(decision.verdict)]);
    object.text_if("reason", reason_word(decision.reason));
    object.text("sentence", sentence(decision, facts));
    {
      JsonObject deciding(object.key("deciding"));
      write_deciding(deciding, decision);
    }
    std::vector<PolicyResult> listed = decision.policies;
    for (const PolicyPtr& policy : set.policies()) {
      const bool there =
          std::ranges::find(decision.policies, policy, &PolicyResult::policy) != decision.policies.end();
      if (all && !there) listed.push_back({.policy = policy});
    }
    list(object, "policies", listed,
         [&](JsonObject& item, const PolicyResult& one) { write_policy(item, one, facts); });
    {
      JsonObject counts(object.key("facts"));
      for (const Count& count : facts.counts) {
        std::string name(rate_word(count.kind));
        if (count.period.microseconds != 0) name += '/' + duration_text(count.period);
        counts.number(name, count.count);
      }
    }
    object.text("evaluatedAt", engine::rfc3339_micro(facts.at));
    object.text("evaluator", evaluator_version);
  }
  return out;
}

std::string refused_word(const Decision& decision, const Facts& facts, const Word& word) {
  std::string why;
  for (const PolicyResult& one : decision.policies) {
    if (one.policy->suspended || one.result != Result::review || one.fulfilled) continue;
    if (!must_be_another(facts, *one.policy->review, word)) return {};
    if (why.empty()) why = refused_text(facts, *one.policy->review, word);
  }
  return why;
}

Progress progress(const Decision& decision) {
  const PolicyResult* one = waiting(decision);
  if (one == nullptr) return {};
  Progress progress{.has = 0, .of = one->policy->review->places()};
  for (const Filled& filled : one->demands) progress.has += filled.words.size();
  return progress;
}

std::string progress_text(const Decision& decision, const Facts& facts) {
  const PolicyResult* one = waiting(decision);
  if (one == nullptr) return {};
  const Progress has = progress(decision);
  const std::string names = joined(speakers(*one, facts), ", ");
  return std::to_string(has.has) + " of " + std::to_string(has.of) + (names.empty() ? "" : ": " + names);
}

}  // namespace csrflow::policies
