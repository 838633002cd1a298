#include "engine/csr_timers.hpp"

#include <algorithm>

#include "engine/csr_rotation.hpp"

namespace csrflow::engine {
namespace {

/// Expiry without a successor is told of, where no policy says otherwise, when a tenth of the life is left.
constexpr std::int32_t default_at_risk = 100'000;

/// The timers of one certificate's rotation.
struct RotationTimers {
  const StreamId& stream;
  const LedgerEntry& held;
  const RotationOrder& order;
  HashFunction hash;
  std::vector<Timer>& timers;
  const RotationRules& rules = *order.rules;
  const Rotatable certificate = rotatable(stream, held, order);
  const RotationPlan plan = plan_rotation(rules, certificate, hash);
  const Position cause = cause_of(held, order);

  void add(TimerKind kind, Position why, std::uint32_t attempt, Timestamp due) const {
    timers.push_back({kind, stream, why, attempt, due, held.not_after});
  }
  void add_alert(TimerKind kind, Notable alert, Position why, Timestamp due) const {
    if (!held.alerted.contains({alert, why})) add(kind, why, 0, due);
  }

  void attempts() const {
    if (begins_anew(held, order)) {
      add(TimerKind::rotate, cause, 1, plan.due);
      return;
    }
    const Rotation& last = *held.rotation;
    if (last.failed) {
      const Timestamp due = retry_due(stream, held, rules, hash);
      const Timestamp end = end_of_grace(rules, certificate.validity);
      if (due <= end)
        add(TimerKind::rotate_retry, last.cause, last.attempt + 1, due);
      else
        add_alert(TimerKind::give_up, Notable::rotation_given_up, last.cause, end);
    } else if (last.mode == RotationMode::rekey && last.successor.empty()) {
      add_alert(TimerKind::agent_silent, Notable::agent_silent, last.due_at,
                last.at + patience_with_agent(certificate.validity.length(), 20));
    }
  }

  void warnings() const {
    if (rules.alerts.overdue)
      add_alert(TimerKind::rotate_overdue, Notable::rotation_overdue, cause, overdue_from(plan));
    add_alert(TimerKind::at_risk, Notable::expiring, cause, plan.at_risk);
  }
};

/// What came under its policy only after it had expired is history.
bool came_too_late(const LedgerEntry& held, const RotationOrder& order) {
  return order.since > held.signed_at && order.since_time >= held.not_after;
}

void add_rotation(const StreamId& stream, const CsrState& state, const LedgerEntry& held, HashFunction hash,
                  const StandingRules* rules, std::vector<Timer>& timers) {
  if (held.deleted || !held.successor.empty()) return;
  const auto order = rotation_order(state, held, rules);
  if (order && order->rules->mode != RotationMode::none) {
    if (came_too_late(held, *order)) return;
    const RotationTimers rotation{stream, held, *order, hash, timers};
    rotation.attempts();
    rotation.warnings();
    return;
  }
  const Validity validity{std::max(held.not_before, held.issued_at), held.not_after};
  if (!order && rules && state.live(held.uid) && rules->expiry_is_watched(state) &&
      !held.alerted.contains({Notable::expiring, held.signed_at}))
    timers.push_back({TimerKind::at_risk, stream, held.signed_at, 0, at_risk_from(validity, default_at_risk),
                      held.not_after});
}

/// A host that has not said that it uses its certificate.
void add_wait_for_installation(const StreamId& stream, const LedgerEntry& held, std::vector<Timer>& timers) {
  if (!held.by_agent || held.deleted || !held.successor.empty() || !held.installations.empty()) return;
  if (held.alerted.contains({Notable::agent_silent, held.signed_at})) return;
  const Validity validity{std::max(held.not_before, held.issued_at), held.not_after};
  const Timestamp due = held.signed_time + patience_with_agent(validity.length(), 10);
  if (due < held.not_after)
    timers.push_back({TimerKind::agent_silent, stream, held.signed_at, 0, due, held.not_after});
}

const LedgerEntry* certificate_behind(const Timer& timer, const CsrState& state) {
  // Causes of a rotation are events of policies and jobs, too: the certificate is then the one that waits.
  for (const LedgerEntry& held : state.ledger) {
    if (held.signed_at == timer.cause) return &held;
    if (held.rotation && (held.rotation->cause == timer.cause || held.rotation->due_at == timer.cause))
      return &held;
  }
  if (!state.object || timer.kind == TimerKind::expire) return nullptr;
  return state.certificate_of(state.object->meta.uid);
}

std::optional<CsrCommand> rotation_command(const Timer& timer, const LedgerEntry& held) {
  AnnounceRotation command{
      .uid = held.uid, .serial = held.serial, .cause = timer.cause, .attempt = timer.attempt};
  if (timer.kind == TimerKind::rotate_retry && held.rotation) {
    command.job = held.rotation->job;
    if (!command.job.empty()) command.mode = held.rotation->mode;
  }
  return command;
}

}  // namespace

std::optional<Notable> alert_of(TimerKind kind) {
  switch (kind) {
    case TimerKind::rotate_overdue:
      return Notable::rotation_overdue;
    case TimerKind::at_risk:
      return Notable::expiring;
    case TimerKind::give_up:
      return Notable::rotation_given_up;
    case TimerKind::agent_silent:
      return Notable::agent_silent;
    default:
      return std::nullopt;
  }
}

std::vector<Timer> timers_of_request(const StreamId& stream, const CsrState& state, HashFunction hash,
                                     const StandingRules* rules) {
  std::vector<Timer> timers;
  if (awaits_signature(state))
    timers.push_back({TimerKind::sign, stream, state.approved_at, 0, state.approved_time, {}});
  if (undecided(state)) {
    if (state.standing && state.standing->next)
      timers.push_back({TimerKind::evaluate, stream, state.standing->position, 0, *state.standing->next, {}});
    if (state.lapses_after)
      timers.push_back(
          {TimerKind::lapse, stream, state.created_at, 0, state.created_time + *state.lapses_after, {}});
  }
  for (const OpenIssue& open : state.open_issues)
    timers.push_back({TimerKind::resume_sign, stream, open.position, 0, open.since + signing_patience,
                      open.issuing.not_after});
  for (const LedgerEntry& held : state.ledger) {
    add_rotation(stream, state, held, hash, rules, timers);
    add_wait_for_installation(stream, held, timers);
    if (!held.expired)
      timers.push_back(
          {TimerKind::expire, stream, held.signed_at, 0, held.not_after + seconds(1), held.not_after});
  }
  return timers;
}

std::optional<CsrCommand> command_of(const Timer& timer, const CsrState& state) {
  switch (timer.kind) {
    case TimerKind::sign:
      if (!awaits_signature(state) || state.approved_at != timer.cause) return std::nullopt;
      return BeginIssue{state.object->meta.uid};
    case TimerKind::evaluate:
      if (!undecided(state) || !state.standing || state.standing->position != timer.cause)
        return std::nullopt;
      return Evaluate{state.object->meta.uid};
    case TimerKind::lapse:
      if (!undecided(state) || state.created_at != timer.cause) return std::nullopt;
      return Lapse{state.object->meta.uid};
    default:
      break;
  }
  const LedgerEntry* held = certificate_behind(timer, state);
  if (!held) return std::nullopt;
  if (timer.kind == TimerKind::expire) return Expire{held->uid, held->serial};
  if (timer.kind == TimerKind::rotate || timer.kind == TimerKind::rotate_retry)
    return rotation_command(timer, *held);
  if (const auto alert = alert_of(timer.kind))
    return RaiseAlert{held->uid, held->serial, *alert, timer.cause};
  return std::nullopt;
}

}  // namespace csrflow::engine
