// Verifies a signature with a SubjectPublicKeyInfo that came from outside, with bounded work and without
// OpenSSL's key decoders, which cost twice as much as the verification itself.
#pragma once

#include <expected>
#include <string>

#include "signer/openssl.hpp"

namespace csrflow::signer {

constexpr int min_rsa_bits = 1024, max_rsa_bits = 8192;
constexpr int max_rsa_exponent_bits = 31;

/// `algorithm`: DER of the AlgorithmIdentifier. Errors in the words of Go's crypto/x509. Thread-safe.
std::expected<void, std::string> verify_signed(std::string_view spki, std::string_view algorithm,
                                               std::string_view message, std::string_view signature);

/// The key that a SubjectPublicKeyInfo holds: P-256, P-384, P-521, RSA, Ed25519.
std::expected<KeyPtr, std::string> public_key(std::string_view spki);

}  // namespace csrflow::signer
