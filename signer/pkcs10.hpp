// A certification request (PKCS#10, RFC 2986): reading it, and proof of possession of its key.
#pragma once

#include <expected>
#include <string>

#include "signer/alternative_names.hpp"
#include "signer/subject.hpp"

namespace csrflow::signer {

constexpr std::size_t max_request_der = 64 * 1024;

struct CertificationRequest {
  engine::Bytes der;
  engine::Bytes info;       ///< what the signature covers, byte for byte as sent
  engine::Bytes algorithm;  ///< DER of the signature's AlgorithmIdentifier
  engine::Bytes signature;
  engine::Bytes spki;  ///< DER of the SubjectPublicKeyInfo, byte for byte as sent
  Subject subject;
  AlternativeNames names;  ///< of the requested subjectAltName; other requested extensions are not looked at
};

/// Reads the first PEM block of `pem`. Nothing is verified yet. Errors in Kubernetes' words where it has
/// them. Thread-safe.
std::expected<CertificationRequest, std::string> parse_request_pem(std::string_view pem);
std::expected<CertificationRequest, std::string> parse_request(std::string_view der);

/// Does the request's own key verify its signature? ECDSA on P-256, P-384 and P-521, RSA of 1024 to 8192 bits
/// with PKCS#1 v1.5 or PSS, Ed25519; SHA-1 is accepted as Kubernetes does, MD5 is not. Thread-safe.
std::expected<void, std::string> verify_signature(const CertificationRequest&);

}  // namespace csrflow::signer
