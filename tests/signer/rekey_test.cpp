// Proof of an old key over a request for a new one.
#include "signer/asn1.hpp"
#include "signer/inspector.hpp"
#include "signer/pem.hpp"
#include "signer/pkcs10.hpp"
#include "tests/catch.hpp"
#include "tests/signer/request_builder.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

KeyPtr ed25519_key() {
  return KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

/// A certificate over the key, DER; nobody asks who signed it.
engine::Bytes certificate_of(EVP_PKEY* key) {
  const CertificatePtr certificate(X509_new());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7'200);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), -3'600);
  X509_set_pubkey(certificate.get(), key);
  X509_sign(certificate.get(), key, EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256());
  return asn1::der_of<const X509*>(i2d_X509, certificate.get());
}

engine::Bytes signature(EVP_PKEY* key, const EVP_MD* digest, std::string_view message) {
  const DigestContextPtr context(EVP_MD_CTX_new());
  std::size_t length = 1'024;
  engine::Bytes bytes(length, '\0');
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1);
  REQUIRE(EVP_DigestSign(context.get(), octets(bytes), &length, octets(message), message.size()) == 1);
  bytes.resize(length);
  return bytes;
}

engine::RekeyClaim claim(EVP_PKEY* key, const EVP_MD* digest, const std::string& request = Ask().pem()) {
  return {certificate_of(key), request, signature(key, digest, parse_request_pem(request).value().der)};
}

std::string verdict(const engine::RekeyClaim& claim) {
  const auto checked = OpenSslInspector().check_rekey(claim);
  return checked ? "proven" : checked.error();
}

}  // namespace

TEST_CASE("the old key's signature over the new request proves a rekey") {
  CHECK(verdict(claim(ec_key("P-256").get(), EVP_sha256())) == "proven");
  CHECK(verdict(claim(ec_key("P-384").get(), EVP_sha384())) == "proven");
  CHECK(verdict(claim(ec_key("P-521").get(), EVP_sha256())) == "proven");
  CHECK(verdict(claim(rsa_key(2048).get(), EVP_sha256())) == "proven");
  CHECK(verdict(claim(ed25519_key().get(), nullptr)) == "proven");
}

TEST_CASE("another key's signature, or one over something else, proves nothing") {
  const auto key = ec_key("P-256"), other = ec_key("P-256");
  auto wrong = claim(key.get(), EVP_sha256());
  wrong.signature = signature(other.get(), EVP_sha256(), parse_request_pem(wrong.request).value().der);
  CHECK_THAT(verdict(wrong), Catch::StartsWith("the signature is not that of the certificate's key"));
  auto moved = claim(key.get(), EVP_sha256());
  moved.request = Ask().pem();
  CHECK_THAT(verdict(moved), Catch::StartsWith("the signature is not"));
  auto over_pem = claim(key.get(), EVP_sha256());
  over_pem.signature = signature(key.get(), EVP_sha256(), over_pem.request);
  CHECK_THAT(verdict(over_pem), Catch::StartsWith("the signature is not"));
  auto weak = claim(key.get(), EVP_sha1());
  CHECK_THAT(verdict(weak), Catch::StartsWith("the signature is not"));
  auto none = claim(key.get(), EVP_sha256());
  none.signature.clear();
  CHECK_THAT(verdict(none), Catch::StartsWith("the signature is not"));
}

TEST_CASE("a rekey is over another key") {
  const auto key = ec_key("P-256");
  Ask ask;
  EVP_PKEY_up_ref(key.get());
  ask.key = KeyPtr(key.get());
  CHECK_THAT(verdict(claim(key.get(), EVP_sha256(), ask.pem())),
             Catch::StartsWith("the request is over the key that it is to replace"));
}

TEST_CASE("what is no certificate or no request is a sentence, never a crash") {
  auto good = claim(ec_key("P-256").get(), EVP_sha256());
  auto no_certificate = good;
  no_certificate.certificate = "x";
  CHECK(verdict(no_certificate) == "the certificate's key cannot be read");
  auto no_request = good;
  no_request.request = "x";
  CHECK(verdict(no_request) == "PEM block type must be CERTIFICATE REQUEST");
}
