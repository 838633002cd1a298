// The to-be-signed part of a certificate (RFC 5280 4.1.2), complete to the last byte before a key is used.
#pragma once

#include "signer/algorithm.hpp"
#include "signer/alternative_names.hpp"
#include "signer/duration.hpp"
#include "signer/usages.hpp"

namespace csrflow::signer {

constexpr std::size_t max_tbs = 16 * 1024;

/// 16 content octets, positive, 126 random bits: never zero, never padded.
engine::Serial serial_from(std::span<const std::uint8_t, 16> random);

/// What every certificate has. Names, keys: DER.
struct CertificateFields {
  engine::Serial serial;
  SignatureAlgorithm algorithm{};
  engine::Bytes issuer, subject, spki;
  Validity validity;
  engine::Bytes authority_key_id;  ///< the issuer's subject key identifier
};

/// An extension as it stands in a request.
struct RawExtension {
  std::string oid;  ///< dotted
  bool critical = false;
  engine::Bytes value;  ///< DER
};

struct LeafFields : CertificateFields {
  KeyUsages usages;
  AlternativeNames names;
  engine::Bytes subject_key_id;  ///< empty: none, as Kubernetes' signers
  std::vector<RawExtension> further;
};
/// Extensions in the order key usage, extended key usage, basic constraints, subject key identifier,
/// authority key identifier, names, further ones; the names are critical when the subject is empty, the
/// extended key usage when it is timestamping (RFC 3161 2.3).
engine::Bytes leaf_tbs(const LeafFields&);

/// A self-signed CA: basic constraints CA, key usage keyCertSign, cRLSign and digitalSignature, both
/// critical; subject key identifier = authority key identifier.
engine::Bytes authority_tbs(const CertificateFields&);

/// Is the name an empty SEQUENCE?
bool is_empty_name(std::string_view der);

/// A last look before the bytes are recorded: is this what the fields say, is it DER, is its size in bounds?
/// What is wrong, or nothing. Pairs with the building: written by other code.
std::optional<std::string> lint_leaf(std::string_view tbs, const LeafFields&,
                                     engine::Timestamp authority_not_after);

}  // namespace csrflow::signer
