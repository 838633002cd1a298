#include "engine/timers.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"
#include "engine/renewal.hpp"
#include "engine/rotation.hpp"

namespace csrflow::engine {
namespace {

/// A signature normally takes milliseconds; only what is still open after this long was left behind.
constexpr Duration signing_patience = seconds(10);

struct NamedKind {
  TimerKind kind;
  std::string_view name;
};
constexpr NamedKind kinds[] = {{TimerKind::sign, "sign"},     {TimerKind::resume_sign, "resume-sign"},
                               {TimerKind::rotate, "rotate"}, {TimerKind::rotate_retry, "rotate-retry"},
                               {TimerKind::expire, "expire"}, {TimerKind::evaluate, "evaluate"}};

Validity validity_of(Timestamp not_before, Timestamp issued_at, Timestamp not_after) {
  return {std::max(not_before, issued_at), not_after};
}
Validity validity_of(const LedgerEntry& held) {
  return validity_of(held.not_before, held.issued_at, held.not_after);
}

std::optional<Timer> rotation_timer(const StreamId& stream, const LedgerEntry& held, HashFunction hash) {
  if (!held.renew || held.deleted || !held.successor.empty()) return std::nullopt;
  if (held.attempts == 0) {
    Window window = rotation_window(validity_of(held));
    Timestamp due = rotation_instant(window, rotation_jitter(stream, held.serial, hash));
    return Timer{TimerKind::rotate, stream, held.signed_at, 1, due, held.not_after};
  }
  if (!held.attempt_failed) return std::nullopt;
  Duration left = held.not_after - *held.attempt_failed;
  Timestamp due = *held.attempt_failed + retry_wait(stream, held.serial, held.attempts, left, hash);
  if (due > end_of_grace(held)) return std::nullopt;
  return Timer{TimerKind::rotate_retry, stream, held.signed_at, held.attempts + 1, due, held.not_after};
}

std::vector<Timer> timers_of(const StreamId& stream, const CsrState& state, HashFunction hash) {
  std::vector<Timer> timers;
  if (awaits_signature(state))
    timers.push_back({TimerKind::sign, stream, state.approved_at, 0, state.approved_time, {}});
  if (undecided(state) && state.standing && state.standing->next)
    timers.push_back({TimerKind::evaluate, stream, state.standing->position, 0, *state.standing->next, {}});
  for (const OpenIssue& open : state.open_issues)
    timers.push_back({TimerKind::resume_sign, stream, open.position, 0, open.since + signing_patience,
                      open.issuing.not_after});
  for (const LedgerEntry& held : state.ledger) {
    if (auto rotation = rotation_timer(stream, held, hash)) timers.push_back(*rotation);
    if (!held.expired)
      timers.push_back(
          {TimerKind::expire, stream, held.signed_at, 0, held.not_after + seconds(1), held.not_after});
  }
  return timers;
}

std::vector<Timer> timers_of(const StreamId& stream, const OwnState& state, HashFunction hash) {
  std::vector<Timer> timers;
  if (state.issuing)
    timers.push_back({TimerKind::resume_sign, stream, state.issuing_at, 0,
                      state.issuing_time + signing_patience, state.issuing->not_after});
  for (const auto& held : state.held) {
    const OwnSigned& c = held.certificate;
    if (!held.rotated && !state.issuing) {
      Window window = rotation_window(validity_of(c.not_before, c.issued_at, c.not_after));
      Timestamp due = rotation_instant(window, rotation_jitter(stream, c.serial, hash));
      timers.push_back({TimerKind::rotate, stream, held.signed_at, 1, due, c.not_after});
    }
    timers.push_back({TimerKind::expire, stream, held.signed_at, 0, c.not_after + seconds(1), c.not_after});
  }
  return timers;
}

std::optional<Command> command_of(const Timer& timer, const CsrState& state) {
  if (timer.kind == TimerKind::sign) {
    if (!awaits_signature(state) || state.approved_at != timer.cause) return std::nullopt;
    return CsrCommand(BeginIssue{state.object->meta.uid});
  }
  if (timer.kind == TimerKind::resume_sign) return std::nullopt;
  if (timer.kind == TimerKind::evaluate) {
    if (!undecided(state) || !state.standing || state.standing->position != timer.cause) return std::nullopt;
    return CsrCommand(Evaluate{state.object->meta.uid});
  }
  auto held = std::ranges::find(state.ledger, timer.cause, &LedgerEntry::signed_at);
  if (held == state.ledger.end()) return std::nullopt;
  if (timer.kind == TimerKind::expire) return CsrCommand(Expire{held->uid, held->serial});
  Window window = rotation_window(validity_of(*held));
  return CsrCommand(
      AnnounceRotation{held->uid, held->serial, timer.cause, timer.attempt, window.start, window.end});
}

std::optional<Command> command_of(const Timer& timer, const OwnState& state) {
  auto held = std::ranges::find(state.held, timer.cause, &OwnState::Held::signed_at);
  if (held == state.held.end()) return std::nullopt;
  const Serial& serial = held->certificate.serial;
  if (timer.kind == TimerKind::expire) return OwnCommand(ExpireOwn{serial});
  if (timer.kind == TimerKind::rotate) return OwnCommand(IssueOwn{serial});
  return std::nullopt;
}

}  // namespace

std::string_view name_of(TimerKind kind) {
  return std::ranges::find(kinds, kind, &NamedKind::kind)->name;
}

std::expected<TimerKind, std::string> timer_kind(std::string_view name) {
  auto it = std::ranges::find(kinds, name, &NamedKind::name);
  if (it == std::end(kinds)) return std::unexpected("no kind of timer is called " + std::string(name));
  return it->kind;
}

CommandId command_id(const Timer& timer, HashFunction hash) {
  std::string text = std::string(name_of(timer.kind)) + '\0' + std::to_string(timer.cause.value) + '\0' +
                     std::to_string(timer.attempt);
  Sha256 digest = hash(text);
  return {to_hex(std::string(digest.begin(), digest.begin() + 16))};
}

std::vector<Timer> timers_of(const StreamId& stream, const State& state, HashFunction hash) {
  return std::visit(overloaded{
                        [&](const CsrState& s) { return timers_of(stream, s, hash); },
                        [&](const OwnState& s) { return timers_of(stream, s, hash); },
                        [](const AuthorityState&) { return std::vector<Timer>{}; },
                        [](const LogState&) { return std::vector<Timer>{}; },
                        [](const ConfigState&) { return std::vector<Timer>{}; },
                        [](const TokenState&) { return std::vector<Timer>{}; },
                    },
                    state);
}

std::optional<Command> command_of(const Timer& timer, const State& state) {
  return std::visit(overloaded{
                        [&](const CsrState& s) { return command_of(timer, s); },
                        [&](const OwnState& s) { return command_of(timer, s); },
                        [](const AuthorityState&) { return std::optional<Command>{}; },
                        [](const LogState&) { return std::optional<Command>{}; },
                        [](const ConfigState&) { return std::optional<Command>{}; },
                        [](const TokenState&) { return std::optional<Command>{}; },
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
                        [](const AuthorityState&) { return std::optional<SigningTask>{}; },
                        [](const LogState&) { return std::optional<SigningTask>{}; },
                        [](const ConfigState&) { return std::optional<SigningTask>{}; },
                        [](const TokenState&) { return std::optional<SigningTask>{}; },
                    },
                    state);
}

}  // namespace csrflow::engine
