// What people are told without asking, and by which ways it reaches them.
#pragma once

#include <optional>
#include <stop_token>
#include <variant>

#include "engine/types.hpp"

namespace csrflow::engine {

/// Kinds of news. Words and order are kept in events and documents: new ones are added at the end.
enum class Notable : std::uint8_t {
  rotation_due,         ///< somebody else has to act: csrflow does nothing by itself
  expiring,             ///< little of the validity is left and there is no successor
  rotation_overdue,     ///< the window has ended and there is no successor
  rotation_failed,      ///< an attempt ended without a certificate; the next follows by itself
  rotation_given_up,    ///< nothing more is tried
  rotation_impossible,  ///< it needs a new key, and no agent is known that would make one
  blackout_ignored,     ///< a rotation is due inside a blackout, since there is no other moment
  cap_too_low,          ///< the limits let some rotations finish too late
  failed,               ///< the signer refused a request for good
  denied,
  agent_silent,  ///< a host did not act, or has not said that it installed
  agent_back,    ///< it has now
  installation_failed,
  ca_ending,  ///< it is time for the next step of the CA's roll-over
  job_paused  ///< a mass rotation stopped by itself and asks
};
/// `rotation-due`, `expiring`, `rotation-overdue`, `rotation-failed`, `rotation-given-up`,
/// `rotation-impossible`, `blackout-ignored`, `cap-too-low`, `failed`, `denied`, `agent-silent`,
/// `agent-back`, `installation-failed`, `ca-ending`, `job-paused`.
constexpr std::string_view notable_words[] = {
    "rotation-due",        "expiring",         "rotation-overdue",    "rotation-failed", "rotation-given-up",
    "rotation-impossible", "blackout-ignored", "cap-too-low",         "failed",          "denied",
    "agent-silent",        "agent-back",       "installation-failed", "ca-ending",       "job-paused"};
constexpr std::string_view name_of(Notable kind) {
  return notable_words[static_cast<std::size_t>(kind)];
}
std::expected<Notable, std::string> notable_of(std::string_view name);

/// One piece of news for one receiver.
struct Notification {
  std::string id;  ///< `<sink>/<position of the event>`: the same at each try, so that receivers see repeats
  Notable kind{};
  Timestamp at;        ///< when the event was recorded
  Position position;   ///< of the event
  std::string stream;  ///< `csr/web-1`
  std::string title;   ///< one line
  std::string text;    ///< sentences, without names of secrets
  bool operator==(const Notification&) const = default;
};

/// An HTTPS URL that gets a POST, signed with HMAC-SHA256 when there is a secret.
struct Webhook {
  std::string url;
  std::string secret_file;  ///< path; empty: not signed
  std::string ca_file;      ///< PEM; empty: the system's
  bool operator==(const Webhook&) const = default;
};
struct Mail {
  enum class Security : std::uint8_t { start_tls, tls, none };
  std::string server;  ///< `smtp.example.com:587`
  Security security = Security::start_tls;
  std::string ca_file;
  std::string username, password_file;
  std::string from;
  std::vector<std::string> to;
  bool operator==(const Mail&) const = default;
};
/// A program, without a shell; the notification is its standard input, as JSON.
struct LocalCommand {
  std::vector<std::string> argv;
  Duration time_limit = seconds(30);
  bool operator==(const LocalCommand&) const = default;
};
using Destination = std::variant<Webhook, Mail, LocalCommand>;

struct DeliveryFailure {
  std::string message;   ///< without secrets
  bool lasting = false;  ///< the receiver refuses it for good: not tried again
};

/// Carries a notification to its receiver. May be slow; thread-safe.
struct Messenger {
  virtual ~Messenger() = default;
  virtual std::expected<void, DeliveryFailure> deliver(const Destination&, const Notification&,
                                                       std::stop_token) = 0;
};

}  // namespace csrflow::engine
