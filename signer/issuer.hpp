// The engine's Issuer for all signers of csrflow: Kubernetes' four and those of its own.
#pragma once

#include "signer/certificate_authority.hpp"
#include "signer/signer_book.hpp"

namespace csrflow::signer {

/// The CA and a signer's profile make the TBSCertificate. Pure; the random bytes make the serial number.
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

/// One of the four signers of Kubernetes as a Signer that can only be read: its `spec` as JSON says what it
/// demands and issues.
struct BuiltInSigner {
  engine::SignerName name;
  std::string spec_json;
};
std::vector<BuiltInSigner> built_in_signers(const SigningDurations&);

}  // namespace csrflow::signer
