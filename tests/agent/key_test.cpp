#include "agent/key.hpp"

#include <openssl/pem.h>

#include "tests/agent/wishes.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using Catch::Matchers::Contains;
using test::Asked;
using test::web_wish;

constexpr KeyKind all_kinds[] = {KeyKind::p256,    KeyKind::p384,    KeyKind::rsa2048,
                                 KeyKind::rsa3072, KeyKind::rsa4096, KeyKind::ed25519};

RequestHandle read_request(std::string_view pem) {
  const BioHandle bio = reading(pem);
  return RequestHandle(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
}

bool verifies(const PrivateKey& key, std::string_view message, std::string_view signature) {
  const DigestContextHandle context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, key.digest(), nullptr, key.handle()) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

TEST_CASE("a key of each kind is made, written and read again") {
  for (const KeyKind kind : all_kinds) {
    INFO(name_of(kind));
    const PrivateKey key = PrivateKey::make(kind);
    CHECK(is_of_kind(key.handle(), kind));
    const Secret pem = key.pem();
    CHECK(pem.view().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto again = PrivateKey::read(pem.view());
    REQUIRE(again);
    CHECK(again->public_key() == key.public_key());
  }
}

TEST_CASE("two keys are never the same") {
  CHECK(PrivateKey::make(KeyKind::p256).public_key() != PrivateKey::make(KeyKind::p256).public_key());
}

TEST_CASE("kinds of keys are named in any case, and an unknown one is told the known ones") {
  for (const KeyKind kind : all_kinds) CHECK(parse_key_kind(name_of(kind)) == kind);
  CHECK(parse_key_kind("p-256") == KeyKind::p256);
  CHECK(parse_key_kind("ED25519") == KeyKind::ed25519);
  CHECK_THAT(parse_key_kind("DSA").error(), Contains("\"DSA\"") && Contains("P-256, P-384, RSA-2048"));
}

TEST_CASE("what is no key, or an encrypted one, is refused without asking a terminal") {
  CHECK_FALSE(PrivateKey::read(""));
  CHECK_FALSE(PrivateKey::read("-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n"));
  const PrivateKey key = PrivateKey::make(KeyKind::p256);
  const BioHandle bio(BIO_new(BIO_s_mem()));
  const std::string passphrase = "correct horse";
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.handle(), EVP_aes_256_cbc(), passphrase.data(),
                                        static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
  CHECK_FALSE(PrivateKey::read(written(bio.get())));
}

TEST_CASE("an old key signs for the new request, so that a rekey of an expired certificate can be told") {
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p384, KeyKind::rsa2048, KeyKind::ed25519}) {
    const PrivateKey old = PrivateKey::make(kind);
    const auto message = der_of_request(Asked(web_wish()).request);
    REQUIRE_FALSE(message.empty());
    const auto signature = old.sign(message);
    CHECK(verifies(old, message, signature));
    CHECK_FALSE(verifies(old, message + "x", signature));
  }
}

TEST_CASE("a request is named by its certificate and its key") {
  // printf abc | sha256sum
  CHECK(request_name("web-1", "abc") == "web-1-ba7816bf8f01");
}

TEST_CASE("a request proves its key and says subject, names and usages") {
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p384, KeyKind::rsa2048, KeyKind::ed25519}) {
    INFO(name_of(kind));
    CertificateWish wish = web_wish();
    wish.key = kind;
    const Asked asked(wish);
    const RequestHandle request = read_request(asked.request);
    REQUIRE(request);
    CHECK(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) == 1);
    CHECK(EVP_PKEY_eq(X509_REQ_get0_pubkey(request.get()), asked.key.handle()) == 1);
    const BioHandle text(BIO_new(BIO_s_mem()));
    REQUIRE(X509_REQ_print(text.get(), request.get()) == 1);
    CHECK_THAT(std::string(written(text.get())),
               Contains("CN=web-1, O=example") && Contains("DNS:web-1.example.com") &&
                   Contains("DNS:www.example.com") && Contains("IP Address:10.0.0.7") &&
                   Contains("URI:spiffe://example.com/web-1") && Contains("Digital Signature") &&
                   Contains("TLS Web Server Authentication"));
  }
}

TEST_CASE("a request asks for a wish until the wish changes") {
  const CertificateWish wish = web_wish();
  const Asked asked(wish);
  CHECK(asks_for(asked.request, wish));
  CertificateWish changed = wish;
  SECTION("another spelling and order of the same names is the same wish") {
    changed.dns = {"WWW.example.com", "web-1.example.com"};
    CHECK(asks_for(asked.request, changed));
  }
  SECTION("a further name") {
    changed.dns.push_back("new.example.com");
    CHECK_FALSE(asks_for(asked.request, changed));
  }
  SECTION("another subject") {
    changed.subject = {{"CN", "web-2"}};
    CHECK_FALSE(asks_for(asked.request, changed));
  }
  SECTION("other usages") {
    changed.usages.emplace_back("client auth");
    CHECK_FALSE(asks_for(asked.request, changed));
  }
  SECTION("another kind of key") {
    changed.key = KeyKind::p384;
    CHECK_FALSE(asks_for(asked.request, changed));
  }
  SECTION("no request") {
    CHECK_FALSE(asks_for("-----BEGIN", wish));
  }
}

TEST_CASE("a wish that cannot be put into a request is refused with what is wrong") {
  const PrivateKey key = PrivateKey::make(KeyKind::p256);
  CertificateWish wish = web_wish();
  const auto refusal = [&] { return make_request(key, wish).error(); };
  SECTION("a name that is none") {
    wish.dns = {"two words"};
    CHECK_THAT(refusal(), Contains("DNS name \"two words\""));
  }
  SECTION("an address that is none") {
    wish.ip = {"10.0.0.256"};
    CHECK_THAT(refusal(), Contains("IP address \"10.0.0.256\""));
  }
  SECTION("an attribute that no signer knows") {
    wish.subject = {{"DC", "example"}};
    CHECK_THAT(refusal(), Contains("\"DC\"") && Contains("CN, O, OU"));
  }
  SECTION("a country of three letters") {
    wish.subject = {{"C", "DEU"}};
    CHECK_THAT(refusal(), Contains("subject's C \"DEU\""));
  }
  SECTION("an empty value") {
    wish.subject = {{"CN", ""}};
    CHECK_THAT(refusal(), Contains("subject's CN must have 1 to 1024 bytes"));
  }
  SECTION("an unknown usage") {
    wish.usages = {"sever auth"};
    CHECK_THAT(refusal(), Contains("no key usage \"sever auth\""));
  }
  SECTION("too many names") {
    for (std::size_t n = 0; n <= max_wished_names; ++n)
      wish.dns.push_back("w" + std::to_string(n) + ".example.com");
    CHECK_THAT(refusal(), Contains("more than 100"));
  }
  SECTION("nobody at all") {
    wish.subject.clear();
    wish.dns.clear();
    wish.ip.clear();
    wish.uri.clear();
    CHECK_THAT(refusal(), Contains("needs a subject or another name"));
  }
}

}  // namespace
}  // namespace csrflow::agent
