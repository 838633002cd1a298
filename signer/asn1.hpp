// The structures of PKCS#10 (RFC 2986 4) and X.509 (RFC 5280 4.1) as OpenSSL templates in which the public
// key stays opaque: OpenSSL's own X509_REQ and X509 decode it through the providers, which takes 30 times as
// long.
#pragma once

#include "signer/openssl.hpp"

namespace csrflow::signer::asn1 {

/// CertificationRequest and Certificate: SEQUENCE { content, AlgorithmIdentifier, BIT STRING }. The content
/// is kept byte for byte, since it is what the signature covers.
struct SignedObject {
  ASN1_TYPE* content;
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* signature;
};

/// CertificationRequestInfo.
struct RequestInfo {
  ASN1_INTEGER* version;
  X509_NAME* subject;
  ASN1_TYPE* spki;
  STACK_OF(X509_ATTRIBUTE) * attributes;
};

/// SubjectPublicKeyInfo.
struct KeyInfo {
  X509_ALGOR* algorithm;
  ASN1_BIT_STRING* key;
};

/// RSAPublicKey (RFC 8017 A.1.1).
struct RsaKey {
  ASN1_INTEGER* modulus;
  ASN1_INTEGER* exponent;
};

/// TBSCertificate without the unique identifiers; issuer and subject as ready DER.
struct Tbs {
  ASN1_INTEGER* version;
  ASN1_INTEGER* serial;
  X509_ALGOR* signature;
  ASN1_TYPE* issuer;
  X509_VAL* validity;
  ASN1_TYPE* subject;
  ASN1_TYPE* spki;
  STACK_OF(X509_EXTENSION) * extensions;
};

template <typename T>
const ASN1_ITEM* item();
template <>
const ASN1_ITEM* item<SignedObject>();
template <>
const ASN1_ITEM* item<RequestInfo>();
template <>
const ASN1_ITEM* item<KeyInfo>();
template <>
const ASN1_ITEM* item<RsaKey>();
template <>
const ASN1_ITEM* item<Tbs>();

template <typename T>
struct Free {
  void operator()(T* value) const noexcept {
    ASN1_item_free(reinterpret_cast<ASN1_VALUE*>(value), item<T>());
  }
};
template <typename T>
using Ptr = std::unique_ptr<T, Free<T>>;

template <typename T>
Ptr<T> make() {
  return Ptr<T>(reinterpret_cast<T*>(require(ASN1_item_new(item<T>()), "make an ASN.1 value")));
}

/// Null when the bytes are not one T from beginning to end; the error queue is then empty.
template <typename T>
Ptr<T> decode(std::string_view der);

template <typename T>
engine::Bytes encode(const T& value);

/// An element as it stands, whatever it is. Null when `der` is not exactly one.
AnyPtr any(std::string_view der);
/// Whole encoding of an element that `any` or a template keeps as it stands; empty when it is not a SEQUENCE.
std::string_view sequence(const ASN1_TYPE*);

/// Sets a BIT STRING of whole octets: OpenSSL would cut trailing zero bits otherwise.
void set_octets(ASN1_BIT_STRING*, std::string_view bytes);

/// Runs an i2d function twice: for the length, and for the bytes.
template <typename T>
engine::Bytes der_of(int (*i2d)(T, unsigned char**), T value) {
  const int length = i2d(value, nullptr);
  require(length >= 0, "encode DER");
  engine::Bytes der(static_cast<std::size_t>(length), '\0');
  unsigned char* out = octets(der);
  require(i2d(value, &out) == length, "encode DER");
  return der;
}

}  // namespace csrflow::signer::asn1
