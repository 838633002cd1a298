// What a key of the CA signs with (RFC 5758, 8017, 8410).
#pragma once

#include <expected>
#include <string>

#include "signer/openssl.hpp"

namespace csrflow::signer {

enum class SignatureAlgorithm { ecdsa_sha256, ecdsa_sha384, ecdsa_sha512, rsa_sha256, ed25519 };

/// P-256 → SHA-256, P-384 → SHA-384, P-521 → SHA-512, RSA (2048 bits and more) → SHA-256 with PKCS#1 v1.5.
std::expected<SignatureAlgorithm, std::string> algorithm_for(const EVP_PKEY&);

/// Name of the digest; null for Ed25519, which signs the message itself.
const char* digest_name(SignatureAlgorithm);

/// NULL parameters for RSA, none for the others.
void set_algorithm(X509_ALGOR*, SignatureAlgorithm);
/// DER of the AlgorithmIdentifier.
engine::Bytes algorithm_identifier(SignatureAlgorithm);

/// DER of the key's SubjectPublicKeyInfo.
engine::Bytes spki_of(const EVP_PKEY&);

}  // namespace csrflow::signer
