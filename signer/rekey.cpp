#include "signer/rekey.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "signer/asn1.hpp"
#include "signer/pkcs10.hpp"

namespace csrflow::signer {
namespace {

constexpr std::array digests = {"SHA256", "SHA384", "SHA512"};

bool verifies(EVP_PKEY* key, const EVP_MD* digest, const engine::RekeyClaim& claim, std::string_view der) {
  const DigestContextPtr context(require(EVP_MD_CTX_new(), "verify a rekey"));
  const bool good = EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
                    EVP_DigestVerify(context.get(), octets(claim.signature), claim.signature.size(),
                                     octets(der), der.size()) == 1;
  ERR_clear_error();
  return good;
}

bool verifies(EVP_PKEY* key, const engine::RekeyClaim& claim, std::string_view der) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return verifies(key, nullptr, claim, der);
  if (EVP_PKEY_is_a(key, "EC") != 1 && EVP_PKEY_is_a(key, "RSA") != 1) return false;
  return std::ranges::any_of(
      digests, [&](const char* name) { return verifies(key, fetched_digest(name), claim, der); });
}

}  // namespace

std::expected<void, std::string> verify_rekey(const engine::RekeyClaim& claim) {
  const auto request = parse_request_pem(claim.request);
  if (!request) return std::unexpected(request.error());
  const unsigned char* at = octets(claim.certificate);
  const CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(claim.certificate.size())));
  EVP_PKEY* old_key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  ERR_clear_error();
  if (old_key == nullptr) return std::unexpected("the certificate's key cannot be read");
  const engine::Bytes old_spki =
      asn1::der_of<const X509_PUBKEY*>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate.get()));
  if (old_spki == request->spki)
    return std::unexpected("the request is over the key that it is to replace: make a new one");
  if (!verifies(old_key, claim, request->der))
    return std::unexpected(
        "the signature is not that of the certificate's key over the request's DER (ECDSA or RSA PKCS#1 "
        "v1.5 with SHA-256, or Ed25519)");
  return {};
}

}  // namespace csrflow::signer
