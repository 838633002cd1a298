// The `facts` of decision events, one line of JSON: `{"explanation":…,"facts":…,"versions":{…}}`, as
// explain.hpp and facts.hpp write them.
#include "policies/log_approver.hpp"

#include <algorithm>

#include "engine/json_writer.hpp"
#include "policies/explain.hpp"
#include "policies/judging.hpp"

namespace csrflow::policies {
namespace {

engine::Verdict verdict_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::approve:
      return engine::Verdict::approve;
    case Verdict::deny:
      return engine::Verdict::deny;
    case Verdict::waits:
      return engine::Verdict::waits;
    case Verdict::person:
      return engine::Verdict::person;
  }
  return engine::Verdict::person;
}

engine::JsonText judged(const PolicySet& set, const Facts& facts, const Decision& decision,
                        const std::vector<Warning>& warnings) {
  engine::JsonText json;
  engine::JsonObject object(json.text);
  object.key("explanation") += explanation_json(set, facts, decision, false);
  object.key("facts") += encode_facts(facts);
  const Versions v = versions();
  {
    engine::JsonObject of(object.key("versions"));
    of.text("evaluator", v.evaluator);
    of.text("timeZones", v.time_zones);
    of.text("regex", v.regex);
    of.text("unicode", v.unicode);
  }
  if (!warnings.empty()) {
    std::vector<std::string> texts;
    for (const Warning& warning : warnings) texts.push_back(warning.text);
    object.texts("warnings", texts);
  }
  return json;
}

/// Words that no review counts any more because of their age.
std::vector<std::string> lapsed(const Decision& decision, const Facts& facts) {
  std::vector<std::string> users;
  for (const Word& word : facts.words) {
    bool counts = false, aged = false;
    for (const PolicyResult& result : decision.policies) {
      if (result.result != Result::review || !result.policy->review) continue;
      const auto& lapse = result.policy->review->lapse;
      (lapse && facts.at - word.at >= *lapse ? aged : counts) = true;
    }
    if (aged && !counts) users.push_back(word.user);
  }
  return users;
}

/// Who could fill a place that waits: `group pki-team, user erin`; empty when this person could.
std::string named_instead_of(const Decision& decision, const Word& word) {
  std::vector<std::string> named;
  const auto name = [&](const char* what, const std::string& who) {
    std::string text = what + who;
    if (std::ranges::find(named, text) == named.end()) named.push_back(std::move(text));
  };
  for (const PolicyResult& result : decision.policies) {
    if (result.policy->suspended || result.result != Result::review || result.fulfilled) continue;
    for (const Demand& demand : result.policy->review->approvers) {
      if (std::ranges::find(demand.users, word.user) != demand.users.end()) return {};
      for (const std::string& group : demand.groups) {
        if (std::ranges::find(word.groups, group) != word.groups.end()) return {};
        name("group ", group);
      }
      for (const std::string& user : demand.users) name("user ", user);
    }
  }
  std::string all;
  for (const std::string& one : named) all += (all.empty() ? "" : ", ") + one;
  return all;
}

/// Why words count for nothing, where there is something to say.
engine::StringMap not_counted(const Decision& decision, const Facts& facts, bool separate) {
  engine::StringMap why;
  for (const Word& word : facts.words) {
    std::string reason;
    if (decision.verdict == Verdict::waits) {
      reason = refused_word(decision, facts, word);
      if (reason.empty() && word.verdict == WordVerdict::approve)
        if (const std::string others = named_instead_of(decision, word); !others.empty())
          reason = word.user + " is not among those who must approve: " + others;
    } else if (decision.verdict == Verdict::person && separate && is_requester(facts, word)) {
      reason = word.user + " asked; another must approve";
    }
    if (!reason.empty()) why[word.user] = std::move(reason);
  }
  return why;
}

engine::Deciding deciding(const Decision& decision) {
  if (!decision.deciding) return {};
  const PolicyResult& result = decision.policies[*decision.deciding];
  const Failure* failure = decision.decisive();
  return {result.policy->name, result.policy->hash, failure ? constraint_name(*failure) : ""};
}

engine::Obligations told(Obligations from) {
  return {.shorten_lifetime_to = from.shorten_lifetime_to,
          .labels = std::move(from.labels),
          .rotation_policy = std::move(from.rotation_policy),
          .notify = std::move(from.notify),
          .require_rekey = from.require_rekey};
}

}  // namespace

LogApprover::LogApprover(const PolicyBook& book, const FactFinder& finder,
                         const engine::RequestChecks& checks)
    : book_(book), finder_(finder), checks_(checks) {}

engine::Ruling LogApprover::judge(const engine::Question& question) const {
  const auto set = book_.current();
  const engine::SignerName& signer = question.state.object->spec->signer_name;
  const bool separate = checks_.separate_from_requester(signer);
  if (set->candidates(signer.text).empty() && !separate && !checks_.denial(*question.state.object->spec))
    return {};
  const auto facts = finder_.facts(question, *set);
  engine::Ruling ruling;
  // What cannot be read as policies need it (an API of another program accepted it) is left to people.
  if (!facts) return ruling;

  const Decision decision = decide(*set, *facts);
  MergedObligations merged = obligations(decision);
  ruling.verdict = verdict_of(decision.verdict);
  ruling.next = next_change(*set, *facts, decision);
  ruling.silent = decision.verdict == Verdict::person && decision.policies.empty() && !ruling.next;
  ruling.reason = reason_word(decision.reason);
  ruling.not_counted = not_counted(decision, *facts, separate);
  if (ruling.silent) return ruling;
  ruling.sentence = sentence(decision, *facts);
  ruling.deciding = deciding(decision);
  ruling.facts = judged(*set, *facts, decision, merged.warnings);
  ruling.obligations = told(std::move(merged.all));
  if (decision.verdict == Verdict::waits) {
    const Progress done = progress(decision);
    ruling.places = {static_cast<std::uint32_t>(done.has), static_cast<std::uint32_t>(done.of)};
  }
  ruling.lapsed = lapsed(decision, *facts);
  return ruling;
}

std::string LogApprover::why_not_inherited(const engine::CsrState& before) const {
  const engine::Deciding& by = before.approved_by;
  if (!by.policy.empty()) {
    const auto set = book_.current();
    const bool in_force = std::ranges::any_of(set->policies(), [&](const PolicyPtr& policy) {
      return policy->name == by.policy && policy->hash == by.hash;
    });
    return in_force ? std::string() : "policy " + by.policy + " has changed since it approved";
  }
  if (before.approved_by_people.empty()) return "nobody is known who approved it";
  for (const auto& [user, groups] : before.approved_by_people) {
    engine::Word word;
    word.user = user;
    word.groups = groups;
    if (!finder_.may_approve(word, before.object->spec->signer_name))
      return user + ", who approved it, may not approve for this signer any more";
  }
  return {};
}

}  // namespace csrflow::policies
