// The private key of a certificate. It leaves the process in files of the state directory only.
#pragma once

#include "agent/openssl.hpp"
#include "agent/secret.hpp"
#include "agent/wish.hpp"

namespace csrflow::agent {

constexpr std::size_t max_key_pem = 64 * 1024;

/// Moves, never copies. One thread at a time.
class PrivateKey {
 public:
  static PrivateKey make(KeyKind);
  /// PKCS#8, SEC 1 or PKCS#1 in PEM, not encrypted; never asks a terminal.
  static std::expected<PrivateKey, std::string> read(std::string_view pem);

  /// PKCS#8 PEM.
  Secret pem() const;
  /// DER of the SubjectPublicKeyInfo (RFC 5280 4.1).
  engine::Bytes public_key() const;
  /// Over the message: ECDSA (DER of r and s) with SHA-256, of P-384 with SHA-384; RSASSA-PKCS1-v1_5 with
  /// SHA-256; Ed25519. The old key signs the DER of the new request so when an expired certificate is
  /// rekeyed.
  engine::Bytes sign(std::string_view message) const;
  /// What `sign` hashes with; null for Ed25519.
  const EVP_MD* digest() const;
  /// For OpenSSL calls that do not keep it.
  EVP_PKEY* handle() const { return key_.get(); }

 private:
  explicit PrivateKey(KeyHandle key) : key_(std::move(key)) {}
  KeyHandle key_;
};

/// Is the key, or public key, of this kind?
bool is_of_kind(EVP_PKEY*, KeyKind);

/// SHA-256 of the bytes.
engine::Sha256 sha256(std::string_view bytes);

/// `web-1-0123456789ab`: the wish's name and the first 12 hex digits of SHA-256 of the public key (DER). The
/// same key gives the same name, so that a restarted agent finds the request that it sent.
std::string request_name(std::string_view name, std::string_view public_key);

}  // namespace csrflow::agent
