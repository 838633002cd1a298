#include "engine/csr_approval.hpp"

#include <algorithm>

#include "engine/managed_fields.hpp"
#include "engine/person.hpp"

namespace csrflow::engine {
namespace {

using Kind = Refusal::Kind;

std::unexpected<Refusal> refuse(Kind kind, std::string message) {
  return std::unexpected(Refusal{.kind = kind, .message = std::move(message)});
}

std::unexpected<Refusal> decided_already() {
  return refuse(Kind::already_decided, "the request is decided");
}

/// The condition as csrflow itself sets it.
ObjectChange with_condition(const CsrState& state, std::string_view type, const std::string& reason,
                            const std::string& message, Timestamp now) {
  const Timestamp at = now.cut_to_seconds();
  ObjectChange change{.conditions = state.object->status.conditions};
  change.conditions->push_back({std::string(type), "True", reason, message, at, at});
  note_own_fields(change, state.object->meta, condition_fields(type), at);
  return change;
}

Judged judged_of(const Ruling& ruling) {
  return {ruling.deciding, ruling.facts,
          ruling.verdict == Verdict::approve ? ruling.obligations : Obligations{}};
}

/// The lifetime of a request that no signer of ours served when it was created, and one does now.
std::optional<Duration> late_lifetime(const Situation& s) {
  const CsrSpec& spec = *s.state.object->spec;
  if (s.state.lifetime || !s.facts.issuer.serves(spec.signer_name)) return std::nullopt;
  return s.facts.issuer.lifetime(spec.signer_name, spec.expiration_seconds);
}

Decision approved(const Situation& s, Approved event) {
  Decision d;
  d.events.push_back(std::move(event));
  s.sign_next(d, s.folded(d.events.back()));
  return d;
}

Decision denied(const Situation& s, Denied event) {
  Decision d;
  const bool by_policy = !event.judged.deciding.policy.empty();
  s.tell_predecessor_of_failure(d, event.uid, "Denied", event.message, by_policy);
  d.events.push_back(std::move(event));
  return d;
}

bool changes_standing(const std::optional<Standing>& was, const Ruling& is) {
  if (!was) return !is.silent;
  return was->verdict != is.verdict || was->deciding != is.deciding || was->places != is.places ||
         was->next != is.next;
}

Evaluated evaluated(const Uid& uid, const Ruling& ruling) {
  return {.uid = uid,
          .verdict = ruling.verdict,
          .sentence = ruling.sentence,
          .deciding = ruling.deciding,
          .places = ruling.places,
          .next = ruling.next,
          .notify = ruling.obligations.notify,
          .facts = ruling.facts,
          .object = {}};
}

// ---- words --------------------------------------------------------------------------------------

Word word_of(const Identity& who, Word::Say say, std::string message, Timestamp at) {
  return {who.user, who.groups, personal_credential(who), say, std::move(message), at};
}

Reviewed reviewed(const Uid& uid, const Word& word) {
  return {uid, word.user, word.groups, word.credential, word.say, word.message, {}};
}

std::vector<Word> with(std::vector<Word> words, const Word& word) {
  std::erase_if(words, [&](const Word& other) { return other.user == word.user; });
  words.push_back(word);
  return words;
}

/// A program that waits for the Approved condition may say the same again and again: this long, it is one
/// word.
constexpr Duration repetition = seconds(60);

bool repeats(const Word& word, const Word& earlier) {
  return word.say == earlier.say && word.groups == earlier.groups && word.credential == earlier.credential &&
         word.message == earlier.message && word.at < earlier.at + repetition;
}

/// What the write changes besides the decision that it asks for.
ObjectChange besides_the_decision(const CsrState& state, CsrObject after) {
  std::erase_if(after.status.conditions, [](const Condition& c) {
    return c.type == condition::approved || c.type == condition::denied;
  });
  after.meta.managed_fields = state.object->meta.managed_fields;
  return difference(*state.object, after);
}

/// One of several who must approve.
Answer speak_for(const Situation& s, const Word& word, const CsrObject& after) {
  const Uid& uid = s.state.object->meta.uid;
  const auto earlier = std::ranges::find(s.state.words, word.user, &Word::user);
  if (earlier != s.state.words.end() && repeats(word, *earlier)) return Decision{};
  const Ruling ruling = ruling_on(s, s.state, with(s.state.words, word));
  if (const auto why = ruling.not_counted.find(word.user); why != ruling.not_counted.end())
    return refuse(Kind::not_permitted, why->second);
  Reviewed event = reviewed(uid, word);
  event.object = besides_the_decision(s.state, after);
  Decision d{.events = {std::move(event)}};
  follow_ruling(d, s.stream, uid, ruling);
  return d;
}

/// Without a review, one person's word decides, in that person's own condition.
Answer decide_alone(const Situation& s, const CsrObject& after, ObjectChange change, const Ruling& ruling) {
  const Uid& uid = s.state.object->meta.uid;
  Judged judged = ruling.silent ? Judged{} : Judged{{}, ruling.facts, {}};
  const bool by_csrflow = s.facts.actor.by == Authentication::system;
  if (const Condition* c = after.status.find(condition::approved))
    return approved(
        s, {.uid = uid,
            .reason = c->reason,
            .message = c->message,
            .object = std::move(change),
            .judged = std::move(judged),
            .lifetime = late_lifetime(s),
            .break_glass = {},
            .by = by_csrflow ? "" : s.facts.actor.user,
            .people = by_csrflow ? StringLists{} : StringLists{{s.facts.actor.user, s.facts.actor.groups}}});
  const Condition& c = *after.status.find(condition::denied);
  return denied(s, {uid, c.reason, c.message, std::move(change), std::move(judged)});
}

}  // namespace

Ruling ruling_on(const Situation& s, const CsrState& state, std::span<const Word> words) {
  if (!s.facts.approver) return {};
  Ruling ruling = s.facts.approver->judge({.state = state,
                                           .now = s.facts.now,
                                           .words = words,
                                           .request = s.facts.request,
                                           .uncommitted = s.facts.uncommitted});
  // What should have come by now has come: nothing waits for it.
  if (ruling.next && *ruling.next <= s.facts.now) ruling.next.reset();
  return ruling;
}

void add_labels(ObjectChange& change, const CsrState& state, const Obligations& obligations) {
  for (const auto& [key, value] : obligations.labels) {
    const auto present = state.object->meta.labels.find(key);
    if (present == state.object->meta.labels.end() || present->second != value) change.labels[key] = value;
  }
}

void follow_ruling(Decision& d, const StreamId& stream, const Uid& uid, Ruling ruling) {
  const std::string& policy = ruling.deciding.policy;
  Identity actor = system_actor(policy.empty() ? "policy" : "policy:" + policy);
  d.follow_ups.push_back(
      {stream, RecordRuling{uid, std::make_shared<const Ruling>(std::move(ruling))}, std::move(actor)});
}

Answer decide_by_write(const Situation& s, const CsrObject& after, ObjectChange change) {
  if (!undecided(s.state)) return decide_alone(s, after, std::move(change), {});
  const Ruling ruling = ruling_on(s, s.state, s.state.words);
  const bool approves = after.status.has(condition::approved);
  if (s.facts.actor.by == Authentication::system) {
    // The automatic approval of kubelets is one more policy that approves: review and denial win.
    if (ruling.verdict == Verdict::waits || ruling.verdict == Verdict::deny) return Decision{};
    return decide_alone(s, after, std::move(change), ruling);
  }
  const Condition& c = *after.status.find(approves ? condition::approved : condition::denied);
  const Word word =
      word_of(s.facts.actor, approves ? Word::Say::approve : Word::Say::deny, c.message, s.facts.now);
  if (ruling.verdict == Verdict::waits) return speak_for(s, word, after);
  if (approves && ruling.verdict == Verdict::deny) return refuse(Kind::not_permitted, ruling.sentence);
  if (approves && ruling.verdict == Verdict::person) {
    const Ruling with_word = ruling_on(s, s.state, std::span(&word, 1));
    if (const auto why = with_word.not_counted.find(word.user); why != with_word.not_counted.end())
      return refuse(Kind::not_permitted, why->second);
  }
  return decide_alone(s, after, std::move(change), ruling);
}

Answer lapse(const Situation& s, const Lapse& c) {
  const std::string message = "nobody decided since " + rfc3339_seconds(s.state.created_time);
  return denied(s, {c.uid,
                    "PendingTimeout",
                    message,
                    with_condition(s.state, condition::denied, "PendingTimeout", message, s.facts.now),
                    {}});
}

Answer evaluate(const Situation& s, const Evaluate& c) {
  if (!s.state.live(c.uid) || !undecided(s.state)) return Decision{};
  Decision d;
  follow_ruling(d, s.stream, c.uid, ruling_on(s, s.state, s.state.words));
  return d;
}

Answer record_ruling(const Situation& s, const RecordRuling& c) {
  if (!s.state.live(c.uid) || !undecided(s.state)) return Decision{};
  const Ruling& ruling = *c.ruling;
  Decision d;
  for (const std::string& user : ruling.lapsed)
    if (const auto held = std::ranges::find(s.state.words, user, &Word::user); held != s.state.words.end()) {
      Word lapsed = *held;
      lapsed.say = Word::Say::lapsed;
      d.events.push_back(reviewed(c.uid, lapsed));
    }
  const auto add = [&](Decision more) {
    std::ranges::move(more.events, std::back_inserter(d.events));
    std::ranges::move(more.follow_ups, std::back_inserter(d.follow_ups));
    return std::move(d);
  };
  switch (ruling.verdict) {
    case Verdict::approve: {
      ObjectChange change =
          with_condition(s.state, condition::approved, ruling.reason, ruling.sentence, s.facts.now);
      add_labels(change, s.state, ruling.obligations);
      return add(approved(s, {.uid = c.uid,
                              .reason = ruling.reason,
                              .message = ruling.sentence,
                              .object = std::move(change),
                              .judged = judged_of(ruling),
                              .lifetime = late_lifetime(s)}));
    }
    case Verdict::deny:
      return add(
          denied(s, {c.uid, ruling.reason, ruling.sentence,
                     with_condition(s.state, condition::denied, ruling.reason, ruling.sentence, s.facts.now),
                     judged_of(ruling)}));
    case Verdict::waits:
    case Verdict::person:
      if (changes_standing(s.state.standing, ruling)) d.events.push_back(evaluated(c.uid, ruling));
      return d;
  }
  return d;
}

Answer withdraw(const Situation& s, const Withdraw& c) {
  if (!s.state.live(c.uid)) return refuse(Kind::not_found, "no request of this name");
  if (!undecided(s.state)) return decided_already();
  const std::string& user = s.facts.actor.user;
  if (std::ranges::find(s.state.words, user, &Word::user) == s.state.words.end())
    return refuse(Kind::not_permitted, user + " has not spoken on this request");
  Decision d{
      .events = {reviewed(c.uid, word_of(s.facts.actor, Word::Say::withdrawn, c.message, s.facts.now))}};
  const CsrState after = s.folded(d.events.back());
  follow_ruling(d, s.stream, c.uid, ruling_on(s, after, after.words));
  return d;
}

Answer break_glass(const Situation& s, const BreakGlassApproval& c) {
  if (!s.state.live(c.uid)) return refuse(Kind::not_found, "no request of this name");
  if (!undecided(s.state)) return decided_already();
  const Ruling ruling = ruling_on(s, s.state, s.state.words);
  return approved(
      s, {.uid = c.uid,
          .reason = "BreakGlass",
          .message = c.reason,
          .object = with_condition(s.state, condition::approved, "BreakGlass", c.reason, s.facts.now),
          .judged = {ruling.deciding, ruling.facts, {}},
          .lifetime = late_lifetime(s),
          .break_glass = BreakGlass{person_behind(s.facts.actor), c.reason, ruling.sentence},
          .by = s.facts.actor.user,
          .people = {{s.facts.actor.user, s.facts.actor.groups}}});
}

Answer confirm_break_glass(const Situation& s, const ConfirmBreakGlass& c) {
  const auto use = std::ranges::find(s.state.break_glass, c.uid, &BreakGlassUse::uid);
  if (use == s.state.break_glass.end())
    return refuse(Kind::not_permitted, "this request was not approved by break-glass");
  if (!use->confirmed_by.empty()) return Decision{};
  if (use->user == s.facts.actor.user || use->user == person_behind(s.facts.actor))
    return refuse(Kind::not_permitted, use->user + " broke the glass; another must confirm it");
  return Decision{.events = {ReviewedAfterwards{c.uid, s.facts.actor.user, s.facts.actor.groups, c.message}}};
}

}  // namespace csrflow::engine
