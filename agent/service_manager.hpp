// What systemd hears of the agent: sd_notify(3)'s protocol, a datagram of `NAME=value` lines to the socket
// that it names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::agent {

/// Belongs to one thread. Where no socket is named, nobody listens and nothing is sent; a message that cannot
/// be delivered is dropped, since a certificate matters more than a line of status.
class ServiceManager {
 public:
  /// `socket`: a path, or `@` and an abstract name. `watchdog`: how often a sign of life is wanted, at least.
  explicit ServiceManager(std::string socket = {}, std::optional<engine::Duration> watchdog = std::nullopt);
  /// By $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID. They are taken out of the environment, so that no
  /// hook speaks in the agent's name.
  static ServiceManager of_environment();

  /// The first look is done: whatever waits for the agent may start.
  void ready() { send("READY=1"); }
  void status(std::string_view line);
  void alive() { send("WATCHDOG=1"); }
  /// The configuration is being read again; ready() ends it.
  void reloading();
  void stopping() { send("STOPPING=1"); }
  /// While stopping: this long from now something still runs that must not be cut off.
  void more_time(engine::Duration);

  /// How often alive() is to be called; none: never.
  std::optional<engine::Duration> interval() const;

 private:
  void send(std::string_view message) const;

  std::string socket_;
  std::optional<engine::Duration> watchdog_;
};

}  // namespace csrflow::agent
