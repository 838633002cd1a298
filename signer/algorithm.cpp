#include "signer/algorithm.hpp"

#include <openssl/objects.h>

#include "signer/asn1.hpp"

namespace csrflow::signer {
namespace {

constexpr int min_authority_rsa_bits = 2048;

int nid_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256:
      return NID_ecdsa_with_SHA256;
    case SignatureAlgorithm::ecdsa_sha384:
      return NID_ecdsa_with_SHA384;
    case SignatureAlgorithm::ecdsa_sha512:
      return NID_ecdsa_with_SHA512;
    case SignatureAlgorithm::rsa_sha256:
      return NID_sha256WithRSAEncryption;
    case SignatureAlgorithm::ed25519:
      return NID_ED25519;
  }
  throw std::logic_error("unknown signature algorithm");
}

}  // namespace

std::expected<SignatureAlgorithm, std::string> algorithm_for(const EVP_PKEY& key) {
  if (EVP_PKEY_is_a(&key, "ED25519") == 1) return SignatureAlgorithm::ed25519;
  const int bits = EVP_PKEY_get_bits(&key);
  if (EVP_PKEY_is_a(&key, "RSA") == 1) {
    if (bits >= min_authority_rsa_bits) return SignatureAlgorithm::rsa_sha256;
    return std::unexpected("an RSA key of a CA must have 2048 bits or more");
  }
  char group[32];
  std::size_t length = 0;
  if (EVP_PKEY_is_a(&key, "EC") == 1 && EVP_PKEY_get_group_name(&key, group, sizeof group, &length) == 1) {
    const std::string_view name(group, length);
    if (name == "prime256v1" || name == "P-256") return SignatureAlgorithm::ecdsa_sha256;
    if (name == "secp384r1" || name == "P-384") return SignatureAlgorithm::ecdsa_sha384;
    if (name == "secp521r1" || name == "P-521") return SignatureAlgorithm::ecdsa_sha512;
  }
  return std::unexpected("this kind of key cannot be a CA's: use P-256, P-384, P-521, RSA or Ed25519");
}

const char* digest_name(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256:
    case SignatureAlgorithm::rsa_sha256:
      return "SHA256";
    case SignatureAlgorithm::ecdsa_sha384:
      return "SHA384";
    case SignatureAlgorithm::ecdsa_sha512:
      return "SHA512";
    case SignatureAlgorithm::ed25519:
      return nullptr;
  }
  throw std::logic_error("unknown signature algorithm");
}

void set_algorithm(X509_ALGOR* algor, SignatureAlgorithm algorithm) {
  const bool rsa = algorithm == SignatureAlgorithm::rsa_sha256;
  require(
      X509_ALGOR_set0(algor, OBJ_nid2obj(nid_of(algorithm)), rsa ? V_ASN1_NULL : V_ASN1_UNDEF, nullptr) == 1,
      "name a signature algorithm");
}

engine::Bytes algorithm_identifier(SignatureAlgorithm algorithm) {
  const Handle<X509_ALGOR, X509_ALGOR_free> algor(require(X509_ALGOR_new(), "name a signature algorithm"));
  set_algorithm(algor.get(), algorithm);
  return asn1::der_of<const X509_ALGOR*>(i2d_X509_ALGOR, algor.get());
}

engine::Bytes spki_of(const EVP_PKEY& key) {
  return asn1::der_of<const EVP_PKEY*>(i2d_PUBKEY, &key);
}

}  // namespace csrflow::signer
