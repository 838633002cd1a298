// What is to be done next for one certificate. Pure: a function of what lies on the host, what the server has
// said, and the time.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <variant>

#include "engine/rotation.hpp"

namespace csrflow::agent {

/// The certificate that applications read.
struct Serving {
  engine::Serial serial;
  engine::Timestamp not_before, not_after, issued_at;
  std::string request;  ///< whose it is
  /// From the later of notBefore and the second of issuing, as the server counts.
  engine::Validity validity() const;
};

/// The key and request of which the certificate is still to come.
struct Underway {
  std::string request;
  bool swapped = false;  ///< its certificate is in place; its service may not know yet
};

/// What lies on the host. A digest stands for the wish (names, signer, usages, key) that something was made
/// by.
struct Held {
  std::optional<Serving> serving;
  std::string serving_digest;  ///< empty: not known, so it counts as wanted
  std::optional<Underway> pending;
  std::string pending_digest;
  std::uint32_t attempts = 0;   ///< that failed in a row
  engine::Timestamp failed_at;  ///< the last of them
};

/// Where the server says that the pending request is.
enum class Fate {
  unheard,  ///< not asked yet
  absent,   ///< it never came there
  deleted,  ///< somebody has deleted it
  waiting,
  denied,
  failed,
  issued
};
struct Heard {
  Fate pending = Fate::unheard;
  std::string reason;         ///< of a denial or failure
  bool rotation_due = false;  ///< of the serving certificate's request
};

/// As whom the agent may ask for this certificate.
enum class Standing {
  certificate,          ///< the agent's own, valid
  token,                ///< a bootstrap token
  expired_certificate,  ///< its own, for a rekey of itself alone
  awaiting_identity,    ///< the agent's own certificate is still to come
  nobody
};
struct Identity {
  bool configured = false;         ///< the agent has a certificate of its own to be
  bool itself = false;             ///< and this is the one
  std::optional<Serving> serving;  ///< what it is now
  bool rekey_refused = false;      ///< the server has not accepted it after its expiry
  bool token = false;              ///< there is one
};
Standing standing_of(const Identity&, engine::Timestamp now);
/// Until when an expired certificate may ask for its successor: as long again as it was valid, at most 7
/// days.
engine::Timestamp grace_end(const engine::Validity&);

/// What is wanted.
struct Keeping {
  std::string name;
  std::string digest;
  engine::WindowRule rotation;
};

constexpr engine::Timestamp never{std::numeric_limits<std::int64_t>::max()};

/// Nothing is to be done before `until`, unless the server says something.
struct Rest {
  engine::Timestamp until = never;
  std::string why;
  bool operator==(const Rest&) const = default;
};
/// Make a key and a request, keep them, and send the request.
struct Ask {
  std::string why;
  std::string predecessor;  ///< the request whose certificate is replaced
  bool operator==(const Ask&) const = default;
};
/// Send the pending request (again), or find it there.
struct TakeUp {
  bool operator==(const TakeUp&) const = default;
};
struct Install {
  bool operator==(const Install&) const = default;
};
/// The certificate is in place; its service is to be told, and probed.
struct Finish {
  bool operator==(const Finish&) const = default;
};
/// Ask for the successor of the expired certificate with both keys; with the pending key, when there is one.
struct Rekey {
  bool operator==(const Rekey&) const = default;
};
/// Remove the pending key: its certificate never comes, or nobody wants it.
struct Abandon {
  std::string problem;
  bool failed = false;  ///< it counts as an attempt
  bool operator==(const Abandon&) const = default;
};
/// Somebody has to act; the sentence says who and how.
struct GiveUp {
  std::string sentence;
  bool operator==(const GiveUp&) const = default;
};
using Step = std::variant<Rest, Ask, TakeUp, Install, Finish, Rekey, Abandon, GiveUp>;

Step next_step(const Keeping&, const Held&, const Heard&, Standing, engine::Timestamp now,
               engine::HashFunction);

/// When the certificate rotates: the instant that the server computes, too.
engine::Timestamp rotation_due(const Keeping&, const Serving&, engine::HashFunction);
/// How long after the n-th connection that failed the next is tried; `left` until the nearest expiry, none:
/// nothing expires.
engine::Duration connection_wait(const std::string& host, std::uint32_t n,
                                 std::optional<engine::Duration> left, engine::HashFunction);

/// How a certificate is, for exit codes and people.
enum class Health { valid, at_risk, expired, missing };
/// `at_risk`: a tenth of the life is left, or less.
Health health_of(const std::optional<Serving>&, engine::Timestamp now);

}  // namespace csrflow::agent
