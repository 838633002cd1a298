#include "engine/csr_rotation.hpp"

#include <algorithm>

#include "engine/managed_fields.hpp"

namespace csrflow::engine {
namespace {

constexpr Duration least_patience = seconds(600);

bool never_copied(std::string_view key) {
  return key == annotation::last_applied || key == annotation::issued_at || key == annotation::predecessor ||
         key == annotation::successor;
}

CsrObject successor_of(const CsrObject& object, std::string name, Uid uid) {
  CsrObject next;
  next.meta.name = std::move(name);
  next.meta.uid = std::move(uid);
  next.meta.labels = object.meta.labels;
  for (const auto& [key, value] : object.meta.annotations)
    if (!never_copied(key)) next.meta.annotations.emplace(key, value);
  next.meta.annotations[std::string(annotation::predecessor)] = object.meta.name;
  next.spec = object.spec;
  return next;
}

/// Cuts after whole UTF-8 characters.
std::string cut_to(std::string text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

Validity validity_of(const LedgerEntry& held) {
  return {std::max(held.not_before, held.issued_at), held.not_after};
}

bool under_way(const LedgerEntry& held) {
  return held.rotation && !held.rotation->successor.empty() && !held.rotation->failed;
}

/// A job's rotation, of a certificate that no policy speaks of.
RotationOrder order_of_job() {
  static const auto rules = std::make_shared<const RotationRules>();
  return {.policy = "job", .hash = {}, .rules = rules};
}

ObjectChange with_condition(const CsrState& state, std::string_view type, bool is_true, std::string reason,
                            std::string message, Timestamp now) {
  const Timestamp at = now.cut_to_seconds();
  ObjectChange change{.conditions = state.object->status.conditions};
  std::erase_if(*change.conditions, [&](const Condition& c) { return c.type == type; });
  change.conditions->push_back(
      {std::string(type), is_true ? "True" : "False", std::move(reason), std::move(message), at, at});
  note_own_fields(change, state.object->meta, condition_fields(type), at);
  return change;
}

// ---- announcing ---------------------------------------------------------------------------------

struct Announcement {
  const Situation& s;
  const AnnounceRotation& c;
  const LedgerEntry& held;
  const RotationOrder& order;

  bool applies() const {
    if (!held.successor.empty() || under_way(held)) return false;
    const auto& last = held.rotation;
    if (c.attempt > 1)
      return last && last->cause == c.cause && last->attempt + 1 == c.attempt && last->failed;
    if (!c.job.empty()) return !last || last->cause != c.cause;
    return order.rules->mode != RotationMode::none && begins_anew(held, order) &&
           cause_of(held, order) == c.cause;
  }

  ChosenMode mode() const {
    RotationRules rules = *order.rules;
    if (c.mode) rules.mode = *c.mode;
    const ChosenMode chosen =
        mode_of(rules, {held.key_since, held.generation, c.key_compromised}, s.facts.now);
    if (chosen.mode == RotationMode::renew && held.must_rekey) return {RotationMode::rekey, "RequireRekey"};
    return chosen;
  }

  RotationDue due(const RotationPlan& plan, const ChosenMode& chosen) const {
    return {.uid = c.uid,
            .serial = c.serial,
            .cause = c.cause,
            .attempt = c.attempt,
            .window_start = plan.window.start,
            .window_end = plan.window.end,
            .mode = std::string(name_of(chosen.mode)),
            .mode_reason = std::string(chosen.reason),
            .policy = order.policy,
            .policy_hash = order.hash,
            .reason = !c.job.empty()  ? "emergency"
                      : c.attempt > 1 ? "retry"
                                      : "scheduled",
            .job = c.job,
            .successor = {},
            .object = {}};
  }

  Alerted alert(Notable kind, std::string message) const {
    return {c.uid, c.serial, kind, c.cause, std::move(message), order.rules->alerts.notify};
  }

  Decision decide() const {
    const RotationPlan plan = plan_rotation(*order.rules, rotatable(s.stream, held, order), s.facts.hash);
    const ChosenMode chosen = mode();
    RotationDue event = due(plan, chosen);
    Decision d;
    if (s.facts.now > end_of_grace(*order.rules, validity_of(held))) {
      d.events = {std::move(event), RotationFailed{c.uid, c.serial, c.cause, c.attempt, "", "GraceEnded",
                                                   "the certificate expired too long ago to be renewed"}};
      return d;
    }
    if (plan.placement == Placement::blackout_ignored && c.job.empty() && c.attempt == 1)
      d.events.push_back(alert(Notable::blackout_ignored,
                               "the blackouts of policy " + order.policy +
                                   " leave no moment for the rotation: it is done in one of them"));
    if (chosen.mode == RotationMode::renew)
      renew(d, std::move(event));
    else
      leave_to_host(d, std::move(event), chosen);
    return d;
  }

  void renew(Decision& d, RotationDue event) const {
    const std::uint32_t generation = held.generation + 1;
    event.successor = successor_name(held.base_name, generation, s.facts.name_taken);
    CreateSuccessor successor{.object = successor_of(*s.state.object, event.successor,
                                                     make_uid(std::span(s.facts.random).subspan<16, 16>())),
                              .lifetime = s.state.lifetime,
                              .predecessor = {.name = s.stream.name(),
                                              .uid = c.uid,
                                              .serial = c.serial,
                                              .generation = generation,
                                              .base_name = held.base_name,
                                              .cause = c.cause,
                                              .attempt = c.attempt,
                                              .key_since = held.key_since,
                                              .bulk = !c.job.empty()},
                              .on_behalf_of = s.state.object->spec->username,
                              .approval = order.rules->approval};
    d.follow_ups.push_back({csr_stream(event.successor), std::move(successor), system_actor("rotation")});
    // What follows is about the successor that it names.
    d.events.insert(d.events.begin(), std::move(event));
  }

  void leave_to_host(Decision& d, RotationDue event, const ChosenMode& chosen) const {
    if (chosen.mode == RotationMode::rekey) {
      const std::string reason = c.job.empty() ? "Scheduled" : "Emergency";
      event.object = with_condition(s.state, condition::rotation_due, true, reason,
                                    "make a new key and a request with the annotation " +
                                        std::string(annotation::predecessor) + ": " + s.stream.name(),
                                    s.facts.now);
    }
    if (!chosen.reason.empty() && !held.by_agent)
      d.events.push_back(alert(Notable::rotation_impossible,
                               "its key may not be certified again (" + std::string(chosen.reason) +
                                   "), and no agent looks after it: make a new key by hand"));
    d.events.insert(d.events.begin(), std::move(event));
  }
};

// ---- approving ----------------------------------------------------------------------------------

std::string renewal_text(const Predecessor& p) {
  return "Renewal of " + p.name + " (uid " + p.uid.text + ", serial " + p.serial.hex() + ")";
}

/// Empty: the predecessor's approval may count for the successor. Else why not.
std::string why_not_inherited(const Situation& s, const CsrState& before, const CsrState& after) {
  const auto& glass = before.break_glass;
  if (std::ranges::find(glass, before.object->meta.uid, &BreakGlassUse::uid) != glass.end())
    return "it was approved by break-glass";
  if (s.facts.rules)
    if (std::string differs = s.facts.rules->difference_of(before, after); !differs.empty()) return differs;
  return s.facts.approver ? s.facts.approver->why_not_inherited(before) : std::string();
}

Approved inherited_approval(const CsrState& before, const CsrState& after, Timestamp now) {
  const Predecessor& p = *after.predecessor;
  const Timestamp at = now.cut_to_seconds();
  const std::string why = before.asked ? ", whose approved request asked for it with csrflow.io/rotation: " +
                                             std::string(name_of(*before.asked)) + "."
                                       : ", whose approval still holds.";
  Approved approved{
      .uid = after.object->meta.uid,
      .reason = "Renewed",
      .message = renewal_text(p) + why,
      .object = {},
      .judged = {.deciding = before.approved_by, .facts = {}, .obligations = before.obligations},
      .people = before.approved_by_people,
      .inherited_from = p.name};
  approved.object.conditions = std::vector<Condition>{
      {std::string(condition::approved), "True", approved.reason, approved.message, at, at}};
  return approved;
}

bool same_requester(const Situation& s, const Create& c, const CsrState& before, const LedgerEntry& held) {
  if (c.proven_predecessor == held.serial) return true;
  if (!held.fingerprint.empty() && s.facts.actor.credential == "sha256:" + held.fingerprint) return true;
  const CsrSpec& was = *before.object->spec;
  const CsrSpec& is = *c.object.spec;
  const auto sorted = [](std::vector<std::string> groups) {
    std::ranges::sort(groups);
    return groups;
  };
  return was.username == is.username && was.uid == is.uid && sorted(was.groups) == sorted(is.groups);
}

// ---- alerts -------------------------------------------------------------------------------------

std::string message_of(Notable alert, const LedgerEntry& held) {
  const std::string end = "the certificate ends " + rfc3339_seconds(held.not_after);
  const std::string last =
      !held.rotation          ? std::string()
      : held.rotation->failed ? "; " + std::to_string(held.rotation->attempt) + " attempts have failed"
      : !held.rotation->successor.empty() ? "; " + held.rotation->successor + " is under way"
                                          : "; its rotation was announced";
  switch (alert) {
    case Notable::rotation_overdue:
      return "the window for its rotation has ended without a successor; " + end + last;
    case Notable::expiring:
      return "there is no successor; " + end + last;
    case Notable::rotation_given_up:
      return "its rotation is given up; " + end + last;
    case Notable::agent_silent:
      return held.rotation && held.rotation->successor.empty()
                 ? "the host has made no request for a successor since its rotation was announced; " + end
                 : "the host has not said that it uses the certificate";
    default:
      return end + last;
  }
}

}  // namespace

// ---- when ---------------------------------------------------------------------------------------

bool begins_anew(const LedgerEntry& held, const RotationOrder& order) {
  if (!held.rotation) return true;
  const Rotation& last = *held.rotation;
  if (under_way(held) || cause_of(held, order) <= last.cause) return false;
  return last.failed.has_value() || last.mode != order.rules->mode;
}

Timestamp retry_due(const StreamId& stream, const LedgerEntry& held, const RotationRules& rules,
                    HashFunction hash) {
  const Rotation& last = *held.rotation;
  if (last.lasting) return *last.failed + rules.retry.cap;
  return *last.failed +
         retry_wait(stream, held.serial, last.attempt, held.not_after - *last.failed, hash, rules.retry);
}

Timestamp overdue_from(const RotationPlan& plan) {
  if (plan.belated) return std::max(plan.due, std::min(plan.at_risk, plan.due + least_patience));
  return std::max(plan.window.end, plan.due);
}

Duration patience_with_agent(Duration lifetime, std::int64_t part) {
  return std::max(least_patience, Duration{lifetime.microseconds / part});
}

std::string successor_name(const std::string& base, std::uint32_t generation,
                           const std::function<bool(std::string_view)>& taken) {
  std::string suffix = "." + std::to_string(generation);
  for (std::uint64_t n = 1;; ++n) {
    std::string ending = n == 1 ? suffix : suffix + "-" + std::to_string(n);
    std::string name = cut_to(base, max_successor_name - ending.size()) + ending;
    if (!taken(name)) return name;
  }
}

bool rotates(const CsrState& state, const StandingRules* rules) {
  return state.asked || state.labels_at_creation.contains(std::string(label::agent)) ||
         (rules && (!state.obligations.rotation_policy.empty() || rules->matching(state)));
}

// ---- decisions ----------------------------------------------------------------------------------

Answer announce_rotation(const Situation& s, const AnnounceRotation& c) {
  const LedgerEntry* held = s.state.certificate_of(c.uid);
  if (!held || held->serial != c.serial || held->deleted || !s.state.live(c.uid)) return Decision{};
  auto order = rotation_order(s.state, *held, s.facts.rules);
  if (!order && c.job.empty()) return Decision{};
  if (!order) order = order_of_job();
  const Announcement announcement{s, c, *held, *order};
  if (!announcement.applies()) return Decision{};
  return announcement.decide();
}

Answer create_successor(const Situation& s, const CreateSuccessor& c) {
  if (s.state.object)
    return std::unexpected(
        Refusal{.kind = Refusal::Kind::already_exists, .message = "the successor's name is taken"});
  Created created{.object = c.object,
                  .lifetime = c.lifetime,
                  .predecessor = c.predecessor,
                  .on_behalf_of = c.on_behalf_of,
                  .authenticated_by = Authentication::system,
                  .credential = {}};
  created.object.meta.creation = s.facts.now.cut_to_seconds();
  Decision d{.events = {std::move(created)}};
  judge_successor(s, d, s.folded(d.events[0]), c.approval);
  return d;
}

std::expected<void, Refusal> link_to_predecessor(const Situation& s, const Create& c, Created& created,
                                                 Decision& d) {
  const auto named = c.object.meta.annotations.find(std::string(annotation::predecessor));
  if (named == c.object.meta.annotations.end() || !s.facts.request) return {};
  const auto before = s.facts.request(named->second);
  if (!before || !before->object || named->second == c.object.meta.name) return {};
  const LedgerEntry* held = before->certificate_of(before->object->meta.uid);
  if (!held) return {};
  Predecessor p{.name = named->second,
                .uid = held->uid,
                .serial = held->serial,
                .generation = held->generation + 1,
                .base_name = held->base_name,
                .cause = held->rotation ? held->rotation->cause : held->signed_at,
                .attempt = !held->rotation ? 1 : held->rotation->attempt + (held->rotation->failed ? 1 : 0)};
  p.claim = c.object.spec->signer_name != before->object->spec->signer_name ||
            !same_requester(s, c, *before, *held);
  if (!p.claim) {
    if (!held->successor.empty() || under_way(*held))
      return std::unexpected(
          Refusal{.kind = Refusal::Kind::already_replaced,
                  .message = named->second + " has a successor: " +
                             (held->successor.empty() ? held->rotation->successor : held->successor)});
    p.bulk = held->rotation && !held->rotation->job.empty();
    d.follow_ups.push_back({csr_stream(p.name),
                            ClaimSuccession{p.uid, p.serial, c.object.meta.name, c.object.meta.uid},
                            system_actor("rotation")});
  }
  created.predecessor = std::move(p);
  return {};
}

RotationApproval approval_of_successors(const Situation& s, const Predecessor& p) {
  const auto before = s.facts.request ? s.facts.request(p.name) : nullptr;
  const LedgerEntry* held = before ? before->certificate_of(p.uid) : nullptr;
  if (p.claim || !held) return RotationApproval::policy;
  const auto order = rotation_order(*before, *held, s.facts.rules);
  return order ? order->rules->approval : RotationApproval::policy;
}

void judge_successor(const Situation& s, Decision& d, const CsrState& after, RotationApproval approval) {
  const Uid& uid = after.object->meta.uid;
  Ruling ruling = ruling_on(s, after, {});
  const auto follow = [&] {
    if (!ruling.silent) follow_ruling(d, s.stream, uid, std::move(ruling));
  };
  if (ruling.verdict == Verdict::deny || approval == RotationApproval::policy) return follow();
  if (approval == RotationApproval::people) {
    if (ruling.verdict == Verdict::waits) follow();
    return;
  }
  const auto before = s.facts.request ? s.facts.request(after.predecessor->name) : nullptr;
  if (!before || !before->live(after.predecessor->uid) || !why_not_inherited(s, *before, after).empty())
    return follow();
  // People whom another policy asks for have not spoken yet.
  if (ruling.verdict == Verdict::waits && ruling.deciding.hash != before->approved_by.hash) return follow();
  Approved approved = inherited_approval(*before, after, s.facts.now);
  if (ruling.verdict == Verdict::approve)
    approved.judged = {ruling.deciding, ruling.facts, ruling.obligations};
  add_labels(approved.object, after, approved.judged.obligations);
  const std::uint64_t version = d.events.size() + 1;
  d.events.push_back(std::move(approved));
  s.sign_next(d, s.folded(after, d.events.back(), version));
}

Answer claim_succession(const Situation& s, const ClaimSuccession& c) {
  const LedgerEntry* held = s.state.certificate_of(c.uid);
  if (!held || held->serial != c.serial || !held->successor.empty() || under_way(*held))
    return std::unexpected(Refusal{.kind = Refusal::Kind::already_replaced,
                                   .message = s.stream.name() + " has a successor already"});
  SuccessorCreated event{.uid = c.uid,
                         .serial = c.serial,
                         .successor = c.successor,
                         .successor_uid = c.successor_uid,
                         .cause = held->signed_at,
                         .attempt = 1};
  if (held->rotation) {
    event.cause = held->rotation->cause;
    event.attempt = held->rotation->attempt + (held->rotation->failed ? 1 : 0);
  }
  return Decision{.events = {std::move(event)}};
}

Answer record_rotated(const Situation& s, const RecordRotated& c) {
  const LedgerEntry* held = s.state.certificate_of(c.uid);
  if (!held || held->serial != c.serial || !held->successor.empty()) return Decision{};
  Rotated event{c.uid, c.serial, c.successor, c.successor_uid, c.successor_serial, std::nullopt};
  if (s.state.live(c.uid)) {
    event.object = ObjectChange{.annotations = {{std::string(annotation::successor), c.successor}}};
    if (s.state.object->status.has(condition::rotation_due)) {
      event.object->conditions = s.state.object->status.conditions;
      std::erase_if(*event.object->conditions,
                    [](const Condition& one) { return one.type == condition::rotation_due; });
    }
  }
  return Decision{.events = {std::move(event)}};
}

Answer record_rotation_failed(const Situation& s, const RecordRotationFailed& c) {
  const LedgerEntry* held = s.state.certificate_of(c.uid);
  if (!held || held->serial != c.serial || !held->successor.empty() || !held->rotation ||
      held->rotation->successor != c.successor || held->rotation->failed)
    return Decision{};
  return Decision{.events = {RotationFailed{c.uid, c.serial, held->rotation->cause, held->rotation->attempt,
                                            c.successor, c.reason, c.message, c.lasting}}};
}

Answer raise_alert(const Situation& s, const RaiseAlert& c) {
  const LedgerEntry* held = s.state.certificate_of(c.uid);
  if (!held || held->serial != c.serial || held->deleted || !held->successor.empty() ||
      held->alerted.contains({c.alert, c.cause}))
    return Decision{};
  if (c.alert == Notable::agent_silent && c.cause == held->signed_at && !held->installations.empty())
    return Decision{};
  const auto order = rotation_order(s.state, *held, s.facts.rules);
  Alerted event{c.uid, c.serial, c.alert, c.cause, message_of(c.alert, *held), {}, c.summarised};
  if (order) event.notify = order->rules->alerts.notify;
  return Decision{.events = {std::move(event)}};
}

Answer report_installation(const Situation& s, const ReportInstallation& c) {
  const auto held = std::ranges::find(s.state.ledger, c.serial, &LedgerEntry::serial);
  if (held == s.state.ledger.end())
    return std::unexpected(
        Refusal{.kind = Refusal::Kind::not_found,
                .message = s.stream.name() + " has no certificate with serial number " + c.serial.hex()});
  const std::string failure = c.installed ? "" : c.step + ": " + c.message;
  const auto known = held->installations.find(c.host + ' ' + c.place);
  if (known != held->installations.end() && known->second == failure) return Decision{};
  ObjectChange change;
  if (s.state.live(held->uid))
    change = with_condition(s.state, condition::installed, c.installed,
                            c.installed     ? "Installed"
                            : c.rolled_back ? "RolledBack"
                                            : "InstallFailed",
                            "on " + c.host + " at " + c.place + (failure.empty() ? "" : ": " + failure),
                            s.facts.now);
  Decision d;
  if (c.installed)
    d.events.push_back(
        Installed{held->uid, c.serial, s.facts.actor.user, c.host, c.place, c.at, std::move(change)});
  else
    d.events.push_back(InstallFailed{held->uid, c.serial, s.facts.actor.user, c.host, c.place, c.step,
                                     c.message, c.rolled_back, c.at, std::move(change)});
  if (c.installed && held->alerted.contains({Notable::agent_silent, held->signed_at}) &&
      !held->alerted.contains({Notable::agent_back, held->signed_at}))
    d.events.push_back(Alerted{held->uid,
                               c.serial,
                               Notable::agent_back,
                               held->signed_at,
                               "the host " + c.host + " uses the certificate",
                               {}});
  return d;
}

}  // namespace csrflow::engine
