// The loop's side of the server: as whom it speaks, the list and the watch, and what it does when they are
// lost.
#include <algorithm>
#include <utility>

#include "agent/loop.hpp"
#include "engine/duration.hpp"

namespace csrflow::agent {
namespace {

using engine::Duration;
using engine::Timestamp;

/// Before the next watch, when one has ended in good order.
constexpr Duration after_watch = engine::seconds(1);
/// The clock may jump while the loop waits.
constexpr Duration longest_nap = engine::seconds(60);

std::chrono::milliseconds milliseconds_of(Duration duration) {
  return std::chrono::milliseconds(std::max<std::int64_t>(duration.microseconds / 1'000, 1));
}

}  // namespace

Server* Loop::server() {
  if (now() < connect_at_) return nullptr;
  const auto& serving = identity_ ? identity_->held().serving : std::nullopt;
  const bool certified = serving && now() < serving->not_after;
  const std::string caller = certified ? serving->serial.hex() : "token";
  if (server_ && server_caller_ == caller) return server_.get();
  Credentials credentials;
  if (certified) {
    auto own = identity_->credentials();
    if (!own) return nullptr;
    credentials = std::move(*own);
  } else {
    if (token_.empty()) return nullptr;
    credentials.token = token_;
  }
  watch_.reset();
  met_ = false;
  server_ = around_.servers(std::move(credentials));
  server_caller_ = caller;
  return server_.get();
}

std::unique_ptr<Server> Loop::expired_identity() {
  if (!identity_) return nullptr;
  auto own = identity_->credentials();
  return own ? around_.servers(std::move(*own)) : nullptr;
}

void Loop::meet() {
  Server* to = server();
  if (!to || (met_ && (watch_ || list_forbidden_))) return;
  auto list = to->list(configuration_.host);
  if (!list && list.error().kind == CallFailure::Kind::forbidden) {
    // It may still ask for single requests: once every poll interval.
    if (!std::exchange(list_forbidden_, true))
      around_.tell("may not watch its requests, so it looks once in " +
                   engine::duration_text(configuration_.poll) + ": " + list.error().message);
    met_ = true;
    failures_ = 0;
    return;
  }
  if (!list) {
    if (!lost(list.error())) around_.tell(list.error().message);
    return;
  }
  for (auto& unit : units_) unit.hear_list(*list);
  auto watch = to->watch(configuration_.host, list->version);
  if (!watch) {
    if (!lost(watch.error())) around_.tell(watch.error().message);
    return;
  }
  watch_ = std::move(*watch);
  met_ = true;
  list_forbidden_ = false;
  failures_ = 0;
}

void Loop::follow(Server& server, const RequestObject& successor) {
  // Its predecessor's certificate may see this one alone. Without a watch it is asked for again at the next
  // poll.
  if (auto watch = server.watch_one(successor.name, successor.version)) watch_ = std::move(*watch);
}

void Loop::wait(Timestamp until, std::stop_token stop) {
  Duration patience = std::min(until - now(), longest_nap);
  if (const auto interval = around_.manager.interval()) patience = std::min(patience, *interval);
  if (patience <= Duration{}) return;
  if (!watch_) {
    around_.clock.sleep(patience, stop);
    return;
  }
  auto change = watch_->next(milliseconds_of(patience));
  if (!change) {
    watch_.reset();
    if (!lost(change.error())) around_.tell(change.error().message);
    return;
  }
  if (*change) take_in(**change);
}

void Loop::take_in(const RequestChange& change) {
  for (auto& unit : units_) {
    if (change.kind == RequestChange::Kind::changed) unit.hear(change.object);
    if (change.kind == RequestChange::Kind::deleted) unit.hear_deleted(change.object.name);
  }
}

bool Loop::lost(const CallFailure& failure) {
  using Kind = CallFailure::Kind;
  if (failure.kind != Kind::unreachable && failure.kind != Kind::busy && failure.kind != Kind::unauthorized &&
      failure.kind != Kind::stopped && failure.kind != Kind::gone)
    return false;
  watch_.reset();
  server_.reset();
  met_ = false;
  if (failure.kind == Kind::stopped) return true;
  if (failure.kind == Kind::gone) {
    connect_at_ = now() + after_watch;
    return true;
  }
  std::optional<Duration> left;
  for (const auto& unit : units_)
    if (const auto& serving = unit.held().serving)
      left = std::min(left.value_or(Duration{never.microseconds}), serving->not_after - now());
  connect_at_ = now() + std::max(connection_wait(configuration_.host, ++failures_, left, sha256),
                                 failure.retry_after.value_or(Duration{}));
  tell(nullptr,
       failure.message +
           (failure.kind == Kind::unauthorized ? "; the server does not know the agent's credentials" : ""));
  return true;
}

}  // namespace csrflow::agent
