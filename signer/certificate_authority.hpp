// The engine's Issuer for the built-in signers and csrflow's own certificates.
#pragma once

#include "engine/issuer.hpp"
#include "signer/authority.hpp"
#include "signer/profiles.hpp"

namespace csrflow::signer {

/// What csrflow's own certificates are made of. The keys stay with whoever uses them.
struct OwnCertificates {
  engine::Bytes server_spki, admin_spki;  ///< DER; empty when there is none
  /// Addresses and DNS names of the server: `127.0.0.1`, `::1`, `localhost`, the host's name, the listen
  /// address.
  std::vector<std::string> server_names;
};
constexpr engine::Duration own_lifetime = engine::seconds(365LL * 24 * 3600);

/// Pure: holds no key, reads no clock. Thread-safe.
class BuiltInIssuer : public engine::Issuer {
 public:
  BuiltInIssuer(Authority, SigningDurations, OwnCertificates);

  bool serves(const engine::SignerName&) const override;
  engine::Duration lifetime(const engine::SignerName&,
                            std::optional<std::int32_t> expiration_seconds) const override;
  /// As in Kubernetes, its signers wait for ever.
  std::optional<engine::Duration> patience(const engine::SignerName&) const override { return {}; }
  engine::Drafted draft(const engine::CsrSpec&, engine::Timestamp now,
                        std::span<const std::uint8_t, 16> random,
                        const engine::IssueTerms& = {}) const override;
  engine::Drafted draft_own(engine::OwnCertificate, engine::Timestamp now,
                            std::span<const std::uint8_t, 16> random) const override;
  const Authority& authority() const { return authority_; }

 private:
  struct NamedProfile {
    std::string name, hash;
  };
  engine::Drafted finish(LeafFields, engine::Timestamp now, engine::Duration lifetime,
                         const NamedProfile&) const;
  LeafFields fields_of(std::span<const std::uint8_t, 16> random) const;

  const Authority authority_;
  const SigningDurations durations_;
  const OwnCertificates own_;
  std::map<std::string, NamedProfile, std::less<>> built_in_;  // never changed after construction
  NamedProfile server_, admin_;
};

}  // namespace csrflow::signer
