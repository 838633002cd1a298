#include "policies/replay_evaluation.hpp"

#include <algorithm>
#include <utility>

#include "engine/record.hpp"
#include "policies/explain.hpp"

namespace csrflow::policies {
namespace {

using engine::RequestStep;

// Stand for the bytes of the two requests that an evaluation can ask about.
constexpr auto own_request = "own";
constexpr auto predecessors_request = "predecessor";

bool decided_by_policies(const RequestStep& step) {
  if (!step.by_csrflow || step.break_glass) return false;
  for (const Reason reason : {Reason::PolicyApproved, Reason::PolicyDenied, Reason::ReviewComplete,
                              Reason::ReviewDenied, Reason::ReviewTimeout, Reason::BuiltInDenied})
    if (step.reason == reason_word(reason)) return true;
  return false;
}

/// Approved by csrflow's own approvers: the kubelets', or a rotation's.
bool approved_by_itself(const RequestStep& step) {
  return step.kind == RequestStep::Kind::approved && step.by_csrflow && !decided_by_policies(step);
}

Recorded recorded_of(const std::vector<RequestStep>& steps) {
  if (steps.empty()) return Recorded::pending;
  const RequestStep& last = steps.back();
  switch (last.kind) {
    case RequestStep::Kind::approved:
      return last.by_csrflow ? Recorded::approve : Recorded::person_approve;
    case RequestStep::Kind::denied:
      return last.by_csrflow ? Recorded::deny : Recorded::person_deny;
    case RequestStep::Kind::ended:
      return Recorded::lapsed;
    case RequestStep::Kind::word:
    case RequestStep::Kind::evaluated:
      return Recorded::pending;
  }
  return Recorded::pending;
}

/// Why it became what it is, in a sentence.
std::string recorded_sentence(const std::vector<RequestStep>& steps) {
  if (steps.empty()) return "nobody has decided";
  const RequestStep& last = steps.back();
  const auto by = [&](const char* what) {
    return what + std::string(" by ") + last.actor + (last.sentence.empty() ? "" : ": " + last.sentence);
  };
  switch (last.kind) {
    case RequestStep::Kind::approved:
      return decided_by_policies(last) ? last.sentence : by("approved");
    case RequestStep::Kind::denied:
      return decided_by_policies(last) ? last.sentence : by("denied");
    case RequestStep::Kind::ended:
      return "ended without a decision";
    case RequestStep::Kind::evaluated:
      return last.sentence;
    case RequestStep::Kind::word:
      break;
  }
  return "nobody has decided";
}

/// The built-in reason, as the signer gave it.
std::string built_in_denial(const std::vector<RequestStep>& steps) {
  if (steps.empty() || steps.back().reason != reason_word(Reason::BuiltInDenied)) return "";
  constexpr std::string_view prefix = "denied: ";
  std::string text = steps.back().sentence;
  if (text.starts_with(prefix)) text.erase(0, prefix.size());
  return text;
}

/// Do the facts have all counts that these policies ask for?
bool counted_for(const PolicySet& set, const Facts& facts) {
  return std::ranges::all_of(set.rates(facts.signer_name), [&](const PolicySet::RateWindow& window) {
    return std::ranges::any_of(facts.counts, [&](const Count& count) {
      return count.kind == window.kind && count.period == window.period;
    });
  });
}

std::shared_ptr<const engine::CsrState> state_of(const NamedRequest& named,
                                                 std::optional<engine::RequestDescription>& description) {
  engine::MadeRequest made = engine::made_request(named.made);
  if (made.description) description = std::move(*made.description);
  made.spec.request = predecessors_request;
  auto state = std::make_shared<engine::CsrState>(engine::state_of(made));
  std::vector<std::string> spoke;
  for (const engine::PastRow& row : named.steps) {
    const RequestStep step = engine::request_step(row);
    if (step.kind == RequestStep::Kind::word) {
      std::erase(spoke, step.word.user);
      if (step.word.say == engine::Word::Say::approve || step.word.say == engine::Word::Say::deny)
        spoke.push_back(step.word.user);
    } else if (step.kind == RequestStep::Kind::approved) {
      state->approved_at = step.position;
      state->approved_time = step.recorded_at;
      state->deciders = step.by_csrflow ? spoke : std::vector{step.actor};
    }
  }
  if (named.certificate) {
    state->ledger.push_back(named.certificate->entry);
    state->ledger.back().generation = made.predecessor ? made.predecessor->generation : 1;
  }
  return state;
}

}  // namespace

// What the engine's ports answer about one request of the past.
struct ReplayEvaluation::Then final : engine::RequestReader, engine::RequestHistory, engine::RequestChecks {
  explicit Then(const ReplayOptions& options)
      : options_(options),
        request_of([this](std::string_view) { return predecessor; }),
        uncommitted([] { return std::vector<const engine::Record*>(); }),
        finder(*this, *this, *this, may_approve()) {}

  void take(const PastRequest& request) {
    past = &request.past;
    made = engine::made_request(request.made);
    made.spec.request = own_request;
    state = engine::state_of(made);
    if (options_.lifetime)
      if (const auto other = options_.lifetime(made.spec)) state.lifetime = other;
    forms.clear();
    if (made.description && !past->counts.empty()) {
      for (const auto& name : made.description->names) forms.push_back(counted_name(name));
      std::ranges::sort(forms);
      forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
    }
    steps.clear();
    for (const engine::PastRow& row : request.steps) steps.push_back(engine::request_step(row));
    predecessors_description.reset();
    predecessor =
        past->predecessor ? state_of_predecessor(*past->predecessor, predecessors_description) : nullptr;
    denial_ = built_in_denial(steps);
  }

  std::expected<engine::RequestDescription, std::string> describe(const engine::Bytes& pem) const override {
    if (pem == own_request) return made.description;
    if (predecessors_description) return *predecessors_description;
    return std::unexpected("it cannot be read");
  }

  std::uint64_t count(const engine::RequestGroup& group, const engine::RequestSpan& span) const override {
    const std::size_t index = index_of(group);
    const engine::Duration period = made.recorded_at - span.after;
    for (const auto& one : past->counts)
      if (one.period == period && one.group == index) return one.count;
    return 0;
  }
  /// As engine::trace_of orders them.
  std::size_t index_of(const engine::RequestGroup& group) const {
    using Kind = engine::RequestGroup::Kind;
    if (group.kind == Kind::requester) return 0;
    if (group.kind == Kind::signer) return 1;
    const auto found = std::ranges::lower_bound(forms, group.member);
    return 2 + static_cast<std::size_t>(found - forms.begin());
  }
  std::vector<engine::KeyUse> key_uses(const std::string&, engine::Position) const override {
    return past->key_uses;
  }
  /// Only asked of the predecessor.
  engine::Uid lineage_of(const engine::Uid&) const override { return made.lineage; }

  engine::FieldProblems refusals(const engine::CsrSpec&) const override { return {}; }
  std::optional<std::string> denial(const engine::CsrSpec&) const override {
    if (denial_.empty()) return std::nullopt;
    return denial_;
  }
  bool separate_from_requester(const engine::SignerName&) const override { return false; }

  FactFinder::MayApprove may_approve() {
    if (!options_.may_approve) return {};
    return [this](const engine::Word& word, const engine::SignerName& signer) {
      return options_.may_approve(word, signer, at);
    };
  }

  static std::shared_ptr<const engine::CsrState> state_of_predecessor(
      const NamedRequest& named, std::optional<engine::RequestDescription>& description) {
    return policies::state_of(named, description);
  }

  const ReplayOptions& options_;
  const PastOfRequest* past = nullptr;
  engine::MadeRequest made;
  std::vector<std::string> forms;  ///< of its names, sorted
  engine::CsrState state;
  std::vector<RequestStep> steps;
  std::shared_ptr<const engine::CsrState> predecessor;
  std::optional<engine::RequestDescription> predecessors_description;
  std::string denial_;
  engine::Position at;  ///< of the evaluation
  const std::function<std::shared_ptr<const engine::CsrState>(std::string_view)> request_of;
  const std::function<std::vector<const engine::Record*>()> uncommitted;
  FactFinder finder;
};

ReplayEvaluation::ReplayEvaluation(const PolicyEras& eras, const ReplayOptions& options)
    : eras_(eras), options_(options), then_(std::make_unique<Then>(options)) {}
ReplayEvaluation::~ReplayEvaluation() = default;

ReplayEvaluation::Judged ReplayEvaluation::judge(const std::shared_ptr<const PolicySet>& set,
                                                 engine::Position position, engine::Timestamp at) {
  Judged judged{.set = set, .facts = nullptr, .decision = {}};
  // As the engine's approver does it: without a policy for the signer, and no rule of the signer's own,
  // nothing is asked.
  if (set->candidates(then_->state.object->spec->signer_name.text).empty() && then_->denial_.empty())
    return judged;
  then_->at = position;
  auto facts = then_->finder.facts({.state = then_->state,
                                    .now = at,
                                    .words = then_->state.words,
                                    .request = then_->request_of,
                                    .uncommitted = then_->uncommitted},
                                   *set);
  if (!facts) return judged;
  judged.facts = std::make_shared<const Facts>(std::move(*facts));
  judged.decision = decide(*set, *judged.facts);
  return judged;
}

namespace {

void speak(std::vector<engine::Word>& words, const engine::Word& word) {
  std::erase_if(words, [&](const engine::Word& other) { return other.user == word.user; });
  if (word.say == engine::Word::Say::approve || word.say == engine::Word::Say::deny) words.push_back(word);
}

}  // namespace

Reevaluated ReplayEvaluation::evaluate(const PastRequest& request) {
  then_->take(request);
  Reevaluated result;
  result.position = request.made.position;
  result.unreadable = !then_->made.description;
  result.recorded = recorded_of(then_->steps);
  engine::Position reached = request.made.position;
  const auto judge_at = [&](const std::shared_ptr<const PolicySet>& set, engine::Position position,
                            engine::Timestamp at) {
    last_ = judge(set, position, at);
    ++result.decisions;
  };
  const auto decided = [&] { return last_.decision.decided(); };
  const auto rules_until = [&](engine::Position until) {
    for (const PolicyEra* era : eras_.changes(reached, until))
      if (!decided()) judge_at(era->replayed, era->from, era->at);
  };
  judge_at(eras_.before(reached).replayed, reached, request.made.recorded_at);
  for (const RequestStep& step : then_->steps) {
    if (!decided()) rules_until(step.position);
    reached = step.position;
    if (step.kind == RequestStep::Kind::word) speak(then_->state.words, step.word);
    if (!decided() && step.kind != RequestStep::Kind::ended)
      judge_at(eras_.before(reached).replayed, reached, step.recorded_at);
    if (decided_by_policies(step)) test_recorded(step, result);
  }
  if (!decided()) rules_until(request.until);

  result.replayed = static_cast<Replayed>(last_.decision.verdict);
  const bool by_itself = !then_->steps.empty() && approved_by_itself(then_->steps.back());
  if (result.replayed == Replayed::person && by_itself) result.replayed = Replayed::approve;
  return result;
}

ReplayedRequest ReplayEvaluation::told() const {
  const std::string& signer = then_->made.spec.signer_name.text;
  return {.position = then_->made.position,
          .request = then_->made.name,
          .uid = then_->made.uid,
          .signer_name = signer,
          .user = then_->made.spec.username,
          .recorded = recorded_sentence(then_->steps),
          .replayed = last_.facts ? sentence(last_.decision, *last_.facts)
                                  : "no policy matches; a person with approve on " + signer + " decides"};
}

/// Asks the policies of the time once more what they decided.
void ReplayEvaluation::test_recorded(const RequestStep& step, Reevaluated& result) {
  const auto& set = eras_.before(step.position).then;
  // The lifetime of the time, whatever is replayed.
  const auto replayed_lifetime = std::exchange(then_->state.lifetime, then_->made.lifetime);
  const bool same_question =
      last_.facts && last_.facts->at == step.recorded_at && replayed_lifetime == then_->made.lifetime;
  Judged again = last_;
  if (!same_question || last_.set != set) {
    // The facts are the same ones, unless words have to be weighed again or something else is counted.
    const bool same_facts = same_question && then_->state.words.empty() && counted_for(*set, *last_.facts);
    again = same_facts ? Judged{set, last_.facts, decide(*set, *last_.facts)}
                       : judge(set, step.position, step.recorded_at);
    ++result.decisions;
  }
  then_->state.lifetime = replayed_lifetime;
  result.tested = true;
  const auto& decision = again.decision;
  const PolicyResult* deciding = decision.deciding ? &decision.policies[*decision.deciding] : nullptr;
  const bool same_verdict =
      decision.verdict == (step.kind == RequestStep::Kind::approved ? Verdict::approve : Verdict::deny);
  const bool same_policy = (deciding ? deciding->policy->name : "") == step.deciding.policy &&
                           (deciding ? deciding->policy->hash : "") == step.deciding.hash;
  result.reproduced = same_verdict && same_policy;
  if (!result.reproduced)
    result.instead = again.facts ? sentence(decision, *again.facts) : "no policy matches";
}

}  // namespace csrflow::policies
