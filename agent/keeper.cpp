#include "agent/keeper.hpp"

#include <algorithm>

namespace csrflow::agent {
namespace {

using engine::Duration;
using engine::Timestamp;

constexpr Duration longest_grace = engine::seconds(7 * 86'400);
constexpr engine::RetryRule connection_rule{.base = engine::seconds(1), .cap = engine::seconds(300)};
constexpr std::int64_t at_risk_share = 10;

engine::StreamId stream_of(const Keeping& keeping, const Held& held) {
  return engine::csr_stream(held.serving ? held.serving->request : keeping.name);
}

/// The earliest moment of the next attempt.
Timestamp retry_at(const Keeping& keeping, const Held& held, engine::HashFunction sha256) {
  if (held.attempts == 0) return {};
  const engine::StreamId stream = stream_of(keeping, held);
  if (!held.serving) return held.failed_at + engine::retry_wait(stream, held.attempts, sha256);
  return held.failed_at + engine::retry_wait(stream, held.serving->serial, held.attempts,
                                             held.serving->not_after - held.failed_at, sha256);
}

Step after_back_off(Timestamp retry, Timestamp now, Step step) {
  if (now < retry) return Rest{retry, "waits after a failed attempt"};
  return step;
}

Step next_of_pending(const Keeping& keeping, const Held& held, const Heard& heard, Standing standing,
                     Timestamp now, engine::HashFunction sha256) {
  const Timestamp retry = retry_at(keeping, held, sha256);
  if (held.pending->swapped) return after_back_off(retry, now, Finish{});
  if (held.pending_digest != keeping.digest)
    return Abandon{"the configuration has changed since the request was made", false};
  switch (heard.pending) {
    case Fate::denied:
    case Fate::failed:
      return Abandon{heard.reason, true};
    case Fate::deleted:
      return Abandon{"somebody has deleted the request", true};
    case Fate::waiting:
      return Rest{never, "waits for " + held.pending->request + " to be approved and signed"};
    case Fate::issued:
      return after_back_off(retry, now, Install{});
    case Fate::unheard:
    case Fate::absent:
      break;
  }
  switch (standing) {
    case Standing::expired_certificate:
      return after_back_off(retry, now, Rekey{});
    case Standing::awaiting_identity:
      return Rest{never, "waits for the agent's own certificate"};
    case Standing::nobody:
      return GiveUp{"nobody to ask as"};
    case Standing::certificate:
    case Standing::token:
      break;
  }
  return after_back_off(retry, now, TakeUp{});
}

/// Why a new certificate is to be asked for; nothing: it is not, yet.
std::optional<std::string> reason_to_ask(const Keeping& keeping, const Held& held, const Heard& heard,
                                         Timestamp due, Timestamp now) {
  if (!held.serving) return "there is none yet";
  if (!held.serving_digest.empty() && held.serving_digest != keeping.digest)
    return "the configuration has changed";
  if (now >= held.serving->not_after) return "the last one has expired";
  if (heard.rotation_due) return "the server says that its rotation is due";
  if (now >= due) return "its rotation is due";
  return std::nullopt;
}

}  // namespace

engine::Validity Serving::validity() const {
  return {.begin = std::max(not_before, issued_at.cut_to_seconds()), .not_after = not_after};
}

Timestamp grace_end(const engine::Validity& validity) {
  return validity.not_after + std::min(validity.length(), longest_grace);
}

Standing standing_of(const Identity& identity, Timestamp now) {
  if (!identity.configured) return identity.token ? Standing::token : Standing::nobody;
  if (identity.serving && now < identity.serving->not_after) return Standing::certificate;
  if (!identity.itself) return Standing::awaiting_identity;
  if (identity.serving && !identity.rekey_refused && now < grace_end(identity.serving->validity()))
    return Standing::expired_certificate;
  return identity.token ? Standing::token : Standing::nobody;
}

Timestamp rotation_due(const Keeping& keeping, const Serving& serving, engine::HashFunction sha256) {
  return engine::rotation_instant(
      engine::rotation_window(serving.validity(), keeping.rotation),
      engine::rotation_jitter(engine::csr_stream(serving.request), serving.serial, sha256));
}

Duration connection_wait(const std::string& host, std::uint32_t n, std::optional<Duration> left,
                         engine::HashFunction sha256) {
  const engine::StreamId stream = engine::stream_of("agent", host);
  if (!left) return engine::retry_wait(stream, n, sha256, connection_rule);
  return engine::retry_wait(stream, {}, n, *left, sha256, connection_rule);
}

Health health_of(const std::optional<Serving>& serving, Timestamp now) {
  if (!serving) return Health::missing;
  if (now >= serving->not_after) return Health::expired;
  const engine::Validity validity = serving->validity();
  const bool late = serving->not_after - now <= Duration{validity.length().microseconds / at_risk_share};
  return late ? Health::at_risk : Health::valid;
}

Step next_step(const Keeping& keeping, const Held& held, const Heard& heard, Standing standing, Timestamp now,
               engine::HashFunction sha256) {
  if (held.pending) return next_of_pending(keeping, held, heard, standing, now, sha256);
  const Timestamp due = held.serving ? rotation_due(keeping, *held.serving, sha256) : Timestamp{};
  const auto why = reason_to_ask(keeping, held, heard, due, now);
  if (!why) return Rest{due, "serves " + held.serving->serial.hex()};
  const Timestamp retry = retry_at(keeping, held, sha256);
  switch (standing) {
    case Standing::expired_certificate:
      return after_back_off(retry, now, Rekey{});
    case Standing::awaiting_identity:
      return Rest{never, "waits for the agent's own certificate"};
    case Standing::nobody:
      return GiveUp{*why + ", and there is nobody to ask as"};
    case Standing::certificate:
    case Standing::token:
      break;
  }
  return after_back_off(retry, now, Ask{*why, held.serving ? held.serving->request : ""});
}

}  // namespace csrflow::agent
