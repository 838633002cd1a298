#include "engine/timers.hpp"

#include <algorithm>

#include "engine/csr_timers.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

/// A further kind is one more line here, and where its stream's timers and commands are made.
struct Kind {
  TimerKind kind;
  std::string_view name;
  std::string_view actor;
};
constexpr Kind kinds[] = {
    {TimerKind::sign, "sign", "signer"},
    {TimerKind::resume_sign, "resume-sign", "scheduler"},
    {TimerKind::rotate, "rotate", "rotation"},
    {TimerKind::rotate_retry, "rotate-retry", "rotation"},
    {TimerKind::rotate_overdue, "rotate-overdue", "rotation"},
    {TimerKind::at_risk, "at-risk", "rotation"},
    {TimerKind::give_up, "give-up", "rotation"},
    {TimerKind::agent_silent, "agent-silent", "rotation"},
    {TimerKind::expire, "expire", "scheduler"},
    {TimerKind::evaluate, "evaluate", "policy"},
    {TimerKind::lapse, "lapse", "scheduler"},
    {TimerKind::ca_prepare, "ca-prepare", "scheduler"},
    {TimerKind::ca_activate, "ca-activate", "scheduler"},
    {TimerKind::ca_stop, "ca-stop", "scheduler"},
    {TimerKind::outbox, "outbox", "scheduler"},
};

const Kind& kind_of(TimerKind kind) {
  return *std::ranges::find(kinds, kind, &Kind::kind);
}

// ---- csrflow's own certificates -----------------------------------------------------------------

std::vector<Timer> timers_of_own(const StreamId& stream, const OwnState& state, HashFunction hash) {
  std::vector<Timer> timers;
  if (state.issuing)
    timers.push_back({TimerKind::resume_sign, stream, state.issuing_at, 0,
                      state.issuing_time + signing_patience, state.issuing->not_after});
  for (const auto& held : state.held) {
    const OwnSigned& c = held.certificate;
    if (!held.rotated && !state.issuing) {
      const Window window = rotation_window({std::max(c.not_before, c.issued_at), c.not_after});
      const Timestamp due = rotation_instant(window, rotation_jitter(stream, c.serial, hash));
      timers.push_back({TimerKind::rotate, stream, held.signed_at, 1, due, c.not_after});
    }
    timers.push_back({TimerKind::expire, stream, held.signed_at, 0, c.not_after + seconds(1), c.not_after});
  }
  return timers;
}

std::optional<Command> command_of_own(const Timer& timer, const OwnState& state) {
  auto held = std::ranges::find(state.held, timer.cause, &OwnState::Held::signed_at);
  if (held == state.held.end()) return std::nullopt;
  const Serial& serial = held->certificate.serial;
  if (timer.kind == TimerKind::expire) return OwnCommand(ExpireOwn{serial});
  if (timer.kind == TimerKind::rotate) return OwnCommand(IssueOwn{serial});
  return std::nullopt;
}

// ---- the CA -------------------------------------------------------------------------------------

constexpr std::pair<TimerKind, RolloverStep> rollover_steps[] = {
    {TimerKind::ca_prepare, RolloverStep::prepare},
    {TimerKind::ca_activate, RolloverStep::activate},
    {TimerKind::ca_stop, RolloverStep::stop},
};

std::vector<Timer> timers_of_authority(const StreamId& stream, const AuthorityState& state,
                                       const StandingRules* rules) {
  std::vector<Timer> timers;
  if (!rules) return timers;
  for (const auto& [kind, step] : rollover_steps)
    if (const auto due = rollover_due(state, step, rules->longest_lifetime()))
      timers.push_back({kind, stream, state.issued_at, 0, *due, state.issued->not_after});
  return timers;
}

std::optional<Command> command_of_authority(const Timer& timer) {
  for (const auto& [kind, step] : rollover_steps)
    if (kind == timer.kind) return AuthorityCommand(AnnounceRollover{step});
  return std::nullopt;
}

// ---- the outbox ---------------------------------------------------------------------------------

std::vector<Timer> timers_of_delivery(const StreamId& stream, const DeliveryState& state, HashFunction hash) {
  const auto due = next_try(stream, state, hash);
  if (!due) return {};
  return {{TimerKind::outbox, stream, state.cause, state.attempts + 1, *due, {}}};
}

}  // namespace

std::string_view name_of(TimerKind kind) {
  return kind_of(kind).name;
}

std::string_view actor_of(TimerKind kind) {
  return kind_of(kind).actor;
}

std::expected<TimerKind, std::string> timer_kind(std::string_view name) {
  auto it = std::ranges::find(kinds, name, &Kind::name);
  if (it == std::end(kinds)) return std::unexpected("no kind of timer is called " + std::string(name));
  return it->kind;
}

CommandId command_id(const Timer& timer, HashFunction hash) {
  std::string text = std::string(name_of(timer.kind)) + '\0' + timer.stream.text + '\0' +
                     std::to_string(timer.cause.value) + '\0' + std::to_string(timer.attempt);
  Sha256 digest = hash(text);
  return {to_hex(std::string(digest.begin(), digest.begin() + 16))};
}

std::vector<Timer> timers_of(const StreamId& stream, const State& state, HashFunction hash,
                             const StandingRules* rules) {
  return std::visit(overloaded{
                        [&](const CsrState& s) { return timers_of_request(stream, s, hash, rules); },
                        [&](const OwnState& s) { return timers_of_own(stream, s, hash); },
                        [&](const AuthorityState& s) { return timers_of_authority(stream, s, rules); },
                        [&](const DeliveryState& s) { return timers_of_delivery(stream, s, hash); },
                        [](const auto&) { return std::vector<Timer>{}; },
                    },
                    state);
}

std::optional<Command> command_of(const Timer& timer, const State& state) {
  return std::visit(overloaded{
                        [&](const CsrState& s) -> std::optional<Command> { return command_of(timer, s); },
                        [&](const OwnState& s) { return command_of_own(timer, s); },
                        [&](const AuthorityState&) { return command_of_authority(timer); },
                        [](const auto&) { return std::optional<Command>{}; },
                    },
                    state);
}

std::optional<SigningTask> signing_task(const Timer& timer, const State& state) {
  if (timer.kind != TimerKind::resume_sign) return std::nullopt;
  return std::visit(overloaded{
                        [&](const CsrState& s) -> std::optional<SigningTask> {
                          auto open = std::ranges::find(s.open_issues, timer.cause, &OpenIssue::position);
                          if (open == s.open_issues.end()) return std::nullopt;
                          const Issuing& i = open->issuing;
                          return SigningTask{timer.stream, i.uid, i.serial, i.issuer, i.tbs};
                        },
                        [&](const OwnState& s) -> std::optional<SigningTask> {
                          if (!s.issuing || s.issuing_at != timer.cause) return std::nullopt;
                          return SigningTask{timer.stream, std::nullopt, s.issuing->serial, s.issuing->issuer,
                                             s.issuing->tbs};
                        },
                        [](const auto&) { return std::optional<SigningTask>{}; },
                    },
                    state);
}

std::optional<DeliveryTask> delivery_task(const Timer& timer, const State& state) {
  const auto* delivery = std::get_if<DeliveryState>(&state);
  if (timer.kind != TimerKind::outbox || !delivery || !delivery->waits() || delivery->cause != timer.cause ||
      delivery->attempts + 1 != timer.attempt)
    return std::nullopt;
  return DeliveryTask{timer.stream, timer.attempt, delivery->queued->sink, delivery->queued->notification};
}

}  // namespace csrflow::engine
