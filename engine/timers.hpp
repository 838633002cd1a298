// Timers: what a stream's state makes due, and when. They are computed from the state and the rules that
// stand, so the timers of a view always equal the fold of the log.
#pragma once

#include "engine/event.hpp"
#include "engine/ports.hpp"
#include "engine/rotation_order.hpp"

namespace csrflow::engine {

enum class TimerKind : std::uint8_t {
  sign,
  resume_sign,
  rotate,
  rotate_retry,
  rotate_overdue,
  at_risk,
  give_up,
  agent_silent,
  expire,
  evaluate,
  lapse,
  ca_prepare,
  ca_activate,
  ca_stop,
  outbox
};
/// `sign`, `resume-sign`, `rotate`, `rotate-retry`, `rotate-overdue`, `at-risk`, `give-up`, `agent-silent`,
/// `expire`, `evaluate`, `lapse`, `ca-prepare`, `ca-activate`, `ca-stop`, `outbox`.
std::string_view name_of(TimerKind);
std::expected<TimerKind, std::string> timer_kind(std::string_view name);
/// Who acts when it fires, for system_actor: `rotation`.
std::string_view actor_of(TimerKind);

/// Exists once per (kind, stream, cause, attempt).
struct Timer {
  TimerKind kind{};
  StreamId stream;
  Position cause;
  std::uint32_t attempt = 0;
  Timestamp due;
  /// notAfter of the certificate it is about, for the order of catching up; 0 where there is none.
  Timestamp not_after;
  bool operator==(const Timer&) const = default;
};

/// The command id of a firing: SHA-256(kind ‖ stream ‖ cause ‖ attempt)[:16]; many streams may have a
/// policy's event as their cause.
CommandId command_id(const Timer&, HashFunction);

/// Every timer that the stream has in this state; `rules` null: there are none but requests' annotations.
std::vector<Timer> timers_of(const StreamId&, const State&, HashFunction, const StandingRules* rules);

/// The command that the timer sends; nothing when the state has moved on, or when a task is to be done.
std::optional<Command> command_of(const Timer&, const State&);

/// Bytes that wait for the CA's key: the work of `resume-sign`.
struct SigningTask {
  StreamId stream;
  std::optional<Uid> uid;  ///< of the request; none for csrflow's own certificates
  Serial serial;
  std::string issuer;
  Bytes tbs;
};
std::optional<SigningTask> signing_task(const Timer&, const State&);

/// A notification that waits for its receiver: the work of `outbox`.
struct DeliveryTask {
  StreamId stream;
  std::uint32_t attempt = 1;
  std::string sink;
  Notification notification;
};
std::optional<DeliveryTask> delivery_task(const Timer&, const State&);

}  // namespace csrflow::engine
