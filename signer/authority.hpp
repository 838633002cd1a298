// The CA's certificate as the issuer needs it, and the making of a self-signed one.
#pragma once

#include <expected>
#include <string>

#include "engine/ports.hpp"
#include "signer/tbs.hpp"

namespace csrflow::signer {

/// A CA certificate, read once. Holds no key.
struct Authority {
  engine::Bytes pem, der;
  engine::Bytes subject;  ///< DER of the Name, byte for byte
  engine::Bytes spki;     ///< DER
  engine::Bytes key_id;   ///< its subject key identifier
  std::string ski;        ///< the same in lower-case hex: the name of the CA in the log
  engine::Timestamp not_before, not_after;
  SignatureAlgorithm algorithm{};  ///< that its key signs with
};

/// Refuses, with a sentence for the operator, what is not a CA certificate that can issue.
std::expected<Authority, std::string> read_authority(std::string_view pem);

/// The certificate of a new CA before its key has signed it, so that the log can hold it first.
struct AuthorityDraft {
  engine::Serial serial;
  Validity validity;
  std::string ski;    ///< lower-case hex
  engine::Bytes tbs;  ///< DER of the TBSCertificate
};
constexpr engine::Duration authority_lifetime = engine::seconds(3650LL * 24 * 3600);

/// CN `csrflow CA <8 hex of the key identifier>`, ten years, from `backdating` before now. The key identifier
/// is RFC 7093 method 1. Throws std::invalid_argument for a key that cannot be a CA's.
AuthorityDraft draft_authority(std::string_view spki, engine::Timestamp now,
                               std::span<const std::uint8_t, 16> random);

/// SEQUENCE { TBS, AlgorithmIdentifier, BIT STRING }.
engine::Bytes assemble_certificate(std::string_view tbs, SignatureAlgorithm, std::string_view signature);

/// RFC 7093 2, method 1: the leftmost 160 bits of the SHA-256 of the key's BIT STRING. `spki`: DER.
engine::Bytes key_identifier(std::string_view spki);

/// SHA-256 of the DER, lower-case hex.
std::string fingerprint_of(std::string_view der);
/// PEM with fingerprint, as the log records a certificate.
engine::IssuedCertificate issued_certificate(std::string_view der);

}  // namespace csrflow::signer
