#include <algorithm>

#include "engine/csr_rotation.hpp"
#include "engine/deletion.hpp"
#include "engine/managed_fields.hpp"
#include "engine/overloaded.hpp"
#include "engine/person.hpp"
#include "engine/rekey.hpp"

namespace csrflow::engine {
namespace {

using Kind = Refusal::Kind;

std::unexpected<Refusal> refuse(Kind kind, std::string message, std::string found = {}) {
  return std::unexpected(Refusal{.kind = kind, .message = std::move(message), .found = std::move(found)});
}

struct Decider : Situation {
  // ---- the API's commands -----------------------------------------------------------------------

  Answer operator()(const Create& c) const {
    if (state.object)
      return std::unexpected(Refusal{.kind = Kind::already_exists,
                                     .message = "a request of this name exists",
                                     .terminating = state.object->meta.deletion.has_value()});
    Created event{.object = c.object, .lifetime = c.lifetime};
    event.object.meta.creation = facts.now.cut_to_seconds();
    event.authenticated_by = facts.actor.by;
    event.credential = personal_credential(facts.actor);
    event.lapses_after = facts.issuer.patience(event.object.spec->signer_name);
    Decision d;
    if (c.proven_predecessor)
      if (auto forbidden = rekey_forbidden(*this, c)) return std::unexpected(*forbidden);
    if (auto linked = link_to_predecessor(*this, c, event, d); !linked)
      return std::unexpected(linked.error());
    const RotationApproval approval =
        event.predecessor ? approval_of_successors(*this, *event.predecessor) : RotationApproval::policy;
    d.events.push_back(std::move(event));
    judge_successor(*this, d, folded(d.events[0]), approval);
    return d;
  }

  Answer operator()(const Change& c) const {
    if (!state.object) return refuse(Kind::not_found, "no request of this name");
    if (c.base != state.resource_version) return refuse(Kind::conflict, "the object has been modified");
    CsrObject after = *state.object;
    apply(after, c.change);
    ObjectChange change = difference(*state.object, after);
    if (change.empty()) return Decision{};
    if (auto broken = broken_rule(after)) return std::unexpected(*broken);
    return recorded(after, std::move(change), c.certificate);
  }

  /// What validation has checked already, and must hold whoever asks.
  std::optional<Refusal> broken_rule(const CsrObject& after) const {
    const CsrStatus& was = state.object->status;
    const CsrStatus& is = after.status;
    for (std::string_view type : {condition::approved, condition::denied})
      if (was.has(type) && !is.has(type))
        return Refusal{.kind = Kind::already_decided, .message = "a decision does not go away"};
    if (is.has(condition::approved) && is.has(condition::denied))
      return Refusal{.kind = Kind::already_decided, .message = "Approved and Denied exclude each other"};
    if (!was.certificate.empty() && was.certificate != is.certificate)
      return Refusal{.kind = Kind::already_signed, .message = "a certificate never changes"};
    bool ends_issue =
        was.certificate != is.certificate || (!was.has(condition::failed) && is.has(condition::failed));
    if (ends_issue && state.open_issue_of(after.meta.uid))
      return Refusal{.kind = Kind::issuing, .message = "the signer is issuing this certificate"};
    return std::nullopt;
  }

  /// One write, one event: the first type that fits.
  Answer recorded(const CsrObject& after, ObjectChange change,
                  const std::optional<CertificateFacts>& facts_of) const {
    const CsrObject& before = *state.object;
    const Uid& uid = before.meta.uid;
    auto appears = [&](std::string_view type) { return !before.status.has(type) && after.status.has(type); };
    Decision d;
    if (before.meta.deletion && !before.meta.finalizers.empty() && after.meta.finalizers.empty()) {
      d.events.push_back(Deleted{uid, std::move(change)});
      tell_predecessor_of_failure(d, uid, "Deleted", "the successor was deleted before it was signed");
    } else if (before.status.certificate.empty() && !after.status.certificate.empty()) {
      Signed made{.uid = uid,
                  .issued_at = facts.now,
                  .foreign = true,
                  .certificate = after.status.certificate,
                  .object = std::move(change)};
      if (facts_of) {
        made.serial = facts_of->serial;
        made.not_before = facts_of->not_before;
        made.not_after = facts_of->not_after;
        made.fingerprint = facts_of->fingerprint;
      }
      tell_predecessor_of_success(d, state.predecessor, made);
      d.events.push_back(std::move(made));
    } else if (appears(condition::approved) || appears(condition::denied)) {
      return decide_by_write(*this, after, std::move(change));
    } else if (appears(condition::failed)) {
      const Condition& c = *after.status.find(condition::failed);
      d.events.push_back(Failed{uid, c.reason, c.message, std::move(change)});
      tell_predecessor_of_failure(d, uid, c.reason, c.message);
    } else {
      d.events.push_back(Updated{uid, std::move(change)});
    }
    return d;
  }

  Answer operator()(const Delete& c) const {
    if (!state.object) return refuse(Kind::not_found, "no request of this name");
    const ObjectMeta& meta = state.object->meta;
    if (c.uid && *c.uid != meta.uid)
      return refuse(Kind::uid_mismatch, "another object has this name now", meta.uid.text);
    if (c.resource_version && *c.resource_version != state.resource_version)
      return refuse(Kind::version_mismatch, "the object has been modified",
                    std::to_string(state.resource_version.value));
    return carry_out(deletion_steps(meta.finalizers, c.propagation));
  }

  Answer carry_out(const DeletionSteps& steps) const {
    const ObjectMeta& meta = state.object->meta;
    Decision d;
    ObjectChange mark;
    if (!steps.marked.empty()) {
      if (!meta.deletion) mark.deletion = facts.now.cut_to_seconds();
      if (steps.marked != meta.finalizers) mark.finalizers = steps.marked;
      if (mark.deletion || mark.finalizers) d.events.push_back(Updated{meta.uid, std::move(mark)});
    }
    if (steps.left.empty()) {
      ObjectChange collected;
      if (!steps.marked.empty()) collected.finalizers.emplace();
      d.events.push_back(Deleted{meta.uid, std::move(collected)});
      tell_predecessor_of_failure(d, meta.uid, "Deleted", "the successor was deleted before it was signed");
    } else if (steps.left != steps.marked) {
      d.events.push_back(Updated{meta.uid, {.finalizers = steps.left}});
    }
    return d;
  }

  // ---- policies and people ----------------------------------------------------------------------

  Answer operator()(const Evaluate& c) const { return evaluate(*this, c); }
  Answer operator()(const RecordRuling& c) const { return record_ruling(*this, c); }
  Answer operator()(const Withdraw& c) const { return withdraw(*this, c); }
  Answer operator()(const BreakGlassApproval& c) const { return break_glass(*this, c); }
  Answer operator()(const ConfirmBreakGlass& c) const { return confirm_break_glass(*this, c); }

  // ---- the signer's commands --------------------------------------------------------------------

  Answer operator()(const BeginIssue& c) const {
    if (!state.live(c.uid) || !awaits_signature(state)) return Decision{};
    if (auto wrong = clock_forbids(facts)) return std::unexpected(std::move(*wrong));
    const CsrSpec& spec = *state.object->spec;
    Drafted drafted = facts.issuer.draft(spec, facts.now, std::span(facts.random).first<16>(),
                                         {state.obligations.shorten_lifetime_to, state.approved_at});
    return std::visit(
        overloaded{
            [&](Draft& draft) -> Answer {
              return Decision{
                  .events = {Issuing{c.uid, std::move(draft.serial), draft.clock, draft.not_before,
                                     draft.not_after, std::move(draft.issuer), std::move(draft.profile),
                                     std::move(draft.profile_hash), std::move(draft.tbs),
                                     facts.is_lump && facts.is_lump(spec.signer_name)}}};
            },
            [&](Unfit& unfit) -> Answer { return unfit_request(c.uid, unfit); },
            [&](NotNow& later) -> Answer { return refuse(Kind::unavailable, std::move(later.message)); },
        },
        drafted);
  }

  Answer unfit_request(const Uid& uid, const Unfit& unfit) const {
    Timestamp now = facts.now.cut_to_seconds();
    ObjectChange change{.conditions = state.object->status.conditions};
    change.conditions->push_back(
        {std::string(condition::failed), "True", unfit.reason, unfit.message, now, now});
    note_own_fields(change, state.object->meta, condition_fields(condition::failed), now);
    Decision d{.events = {Failed{uid, unfit.reason, unfit.message, std::move(change)}}};
    tell_predecessor_of_failure(d, uid, unfit.reason, unfit.message, true);
    return d;
  }

  Answer operator()(const CompleteIssue& c) const {
    const OpenIssue* open = state.open_issue_of(c.uid);
    if (!open || open->issuing.serial != c.serial) return Decision{};
    const Issuing& i = open->issuing;
    Signed made{.uid = c.uid,
                .serial = i.serial,
                .not_before = i.not_before,
                .not_after = i.not_after,
                .issued_at = i.clock.cut_to_seconds(),
                .fingerprint = c.fingerprint,
                .certificate = c.certificate};
    if (state.live(c.uid)) {
      made.object = ObjectChange{.certificate = c.certificate};
      const bool tell = rotates(state, facts.rules);
      if (tell)
        made.object->annotations[std::string(annotation::issued_at)] = rfc3339_seconds(made.issued_at);
      note_own_fields(*made.object, state.object->meta,
                      certificate_fields(tell ? annotation::issued_at : std::string_view()), made.issued_at);
    }
    Decision d;
    tell_predecessor_of_success(d, open->predecessor, made);
    d.events.push_back(std::move(made));
    return d;
  }

  // ---- the timers' commands ---------------------------------------------------------------------

  Answer operator()(const Expire& c) const {
    const LedgerEntry* held = state.certificate_of(c.uid);
    if (!held || held->serial != c.serial || held->expired) return Decision{};
    if (facts.now < held->not_after + seconds(1)) return Decision{};
    return Decision{.events = {Expired{c.uid, c.serial}}};
  }

  Answer operator()(const AnnounceRotation& c) const { return announce_rotation(*this, c); }
  Answer operator()(const RaiseAlert& c) const { return raise_alert(*this, c); }

  Answer operator()(const Lapse& c) const {
    if (!state.live(c.uid) || !undecided(state) || !state.lapses_after) return Decision{};
    if (facts.now < state.created_time + *state.lapses_after) return Decision{};
    return lapse(*this, c);
  }

  // ---- hosts ------------------------------------------------------------------------------------

  Answer operator()(const ReportInstallation& c) const { return report_installation(*this, c); }

  // ---- follow-ups of other streams --------------------------------------------------------------

  Answer operator()(const CreateSuccessor& c) const { return create_successor(*this, c); }
  Answer operator()(const ClaimSuccession& c) const { return claim_succession(*this, c); }
  Answer operator()(const RecordRotated& c) const { return record_rotated(*this, c); }
  Answer operator()(const RecordRotationFailed& c) const { return record_rotation_failed(*this, c); }
};

}  // namespace

std::optional<Refusal> clock_forbids(const Facts& facts) {
  if (facts.clock_behind <= clock_tolerance) return std::nullopt;
  return Refusal{.kind = Kind::unavailable,
                 .message = "the clock is " + std::to_string(facts.clock_behind.microseconds / 1'000'000) +
                            " s behind the last event: nothing is signed until it has caught up"};
}

std::expected<Decision, Refusal> decide(const StreamId& stream, const CsrState& state,
                                        const CsrCommand& command, const Facts& facts) {
  return std::visit(Decider{{stream, state, facts}}, command);
}

}  // namespace csrflow::engine
