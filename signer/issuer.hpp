// The engine's Issuer for all signers of csrflow: Kubernetes' four and those of its own.
#pragma once

#include "signer/certificate_authority.hpp"
#include "signer/signer_book.hpp"

namespace csrflow::signer {

/// The TBSCertificate that the CA and the profile make of a request. Pure; the random bytes make the serial
/// number. Only what was approved after the Signer was created is drafted; what the profile or RFC 5280
/// forbid is Unfit.
engine::Drafted draft_for(const SignerProfile&, const Authority&, const engine::CsrSpec&,
                          engine::Timestamp now, std::span<const std::uint8_t, 16> random,
                          const engine::IssueTerms&);

/// Thread-safe.
class Issuer : public engine::Issuer {
 public:
  /// `book` outlives it.
  Issuer(Authority, SigningDurations, OwnCertificates, const SignerBook& book);

  bool serves(const engine::SignerName&) const override;
  engine::Duration lifetime(const engine::SignerName&,
                            std::optional<std::int32_t> expiration_seconds) const override;
  std::optional<engine::Duration> patience(const engine::SignerName&) const override;
  engine::Drafted draft(const engine::CsrSpec&, engine::Timestamp now,
                        std::span<const std::uint8_t, 16> random,
                        const engine::IssueTerms& = {}) const override;
  engine::Drafted draft_own(engine::OwnCertificate, engine::Timestamp now,
                            std::span<const std::uint8_t, 16> random) const override;
  const Authority& authority() const { return built_in_.authority(); }

 private:
  const BuiltInIssuer built_in_;
  const SignerBook& book_;
};

}  // namespace csrflow::signer
