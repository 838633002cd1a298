// The port through which the engine asks what would be signed. Drafting is pure: no key is used.
#pragma once

#include <optional>
#include <variant>

#include "engine/object.hpp"

namespace csrflow::engine {

/// What will be signed, complete to the last byte.
struct Draft {
  Serial serial;
  Timestamp clock, not_before, not_after;
  std::string issuer;  ///< SKI of the CA, lower-case hex
  std::string profile, profile_hash;
  Bytes tbs;  ///< DER of the TBSCertificate (RFC 5280 4.1)
};
/// The profile refuses this request for good.
struct Unfit {
  std::string reason, message;
};
/// It cannot be drafted now, for a reason that is not the request's: the CA has expired, say.
struct NotNow {
  std::string message;
};
using Drafted = std::variant<Draft, Unfit, NotNow>;

/// csrflow's own certificates.
enum class OwnCertificate { server, admin };

/// What an approval adds to what the request and the profile say.
struct IssueTerms {
  std::optional<Duration> at_most;  ///< a policy's bound on the lifetime
  Position approved_at;             ///< 0: not known
};

struct Issuer {
  virtual ~Issuer() = default;
  /// Is this signer one of ours?
  virtual bool serves(const SignerName&) const = 0;
  /// The lifetime that a request would get (Kubernetes' --cluster-signing-duration rules).
  virtual Duration lifetime(const SignerName&, std::optional<std::int32_t> expiration_seconds) const = 0;
  /// After so long without a decision the signer gives up on a request; nothing: it waits for ever.
  virtual std::optional<Duration> patience(const SignerName&) const = 0;
  /// What to sign for the request; the serial is made of `random`. Total and deterministic. Thread-safe.
  virtual Drafted draft(const CsrSpec&, Timestamp now, std::span<const std::uint8_t, 16> random,
                        const IssueTerms& = {}) const = 0;
  /// What to sign for csrflow itself, over the public key that it keeps for this.
  virtual Drafted draft_own(OwnCertificate, Timestamp now,
                            std::span<const std::uint8_t, 16> random) const = 0;
};

}  // namespace csrflow::engine
