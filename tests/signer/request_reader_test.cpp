// What policies see of a PKCS#10.
#include "signer/request_reader.hpp"

#include <openssl/objects.h>

#include <filesystem>

#include "signer/keys.hpp"
#include "signer/pem.hpp"
#include "tests/catch.hpp"
#include "tests/signer/request_builder.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

engine::RequestDescription described(const std::string& pem) {
  const auto description = signer::RequestReader().describe(pem);
  if (!description) FAIL(description.error());
  return *description;
}

}  // namespace

TEST_CASE("a subject is read in its order, whatever its strings are encoded as") {
  const auto description =
      described(Ask{.subject = {{NID_domainComponent, "example", V_ASN1_IA5STRING},
                                {NID_organizationName, "Shop"},
                                {NID_organizationName, "Werkst\xc3\xa4tte", V_ASN1_UTF8STRING, true},
                                {NID_commonName, std::string("\0J\0\xe4\0n\0e", 8), V_ASN1_BMPSTRING},
                                {NID_userId, "jane", V_ASN1_PRINTABLESTRING}}}
                    .pem());
  CHECK(description.subject ==
        std::vector<engine::RequestDescription::Attribute>{{"0.9.2342.19200300.100.1.25", "example"},
                                                           {"2.5.4.10", "Shop"},
                                                           {"2.5.4.10", "Werkst\xc3\xa4tte"},
                                                           {"2.5.4.3", "J\xc3\xa4ne"},
                                                           {"0.9.2342.19200300.100.1.1", "jane"}});
}

TEST_CASE("names of all kinds are seen, also those that Kubernetes' signers leave out") {
  // registeredID 1.2.3.4; directoryName CN=a; otherName 1.3.6.1.4.1.311.20.2.3 "u".
  const engine::Bytes registered("\x88\x03\x2a\x03\x04", 5);
  const engine::Bytes directory(
      "\xa4\x0e\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
      "a",
      16);
  const engine::Bytes other("\xa0\x11\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03\xa0\x03\x0c\x01u", 19);
  const auto description = described(Ask{
      .names = {.dns = {"A.example.com", "*.b.example.com"},
                .email = {"jane@example.com"},
                .uri = {"spiffe://example.com/web"},
                .ip = {address("10.1.2.3"), address("2001:db8::1")}},
      .other_names = {registered, directory,
                      other}}.pem());
  CHECK(description.names ==
        std::vector<engine::RequestDescription::Name>{{"dns", "A.example.com"},
                                                      {"dns", "*.b.example.com"},
                                                      {"email", "jane@example.com"},
                                                      {"ip", "10.1.2.3"},
                                                      {"ip", "2001:db8::1"},
                                                      {"uri", "spiffe://example.com/web"},
                                                      {"registeredID", "1.2.3.4"},
                                                      {"directory", "CN=a"},
                                                      {"other", "1.3.6.1.4.1.311.20.2.3"}});
  CHECK(description.extensions == std::vector<std::string>{"2.5.29.17"});
  CHECK_FALSE(description.asks_for_ca);
}

TEST_CASE("a key is known by algorithm, size, curve and hash") {
  struct Case {
    KeyPtr key;
    const char *algorithm, *curve;
    std::uint32_t bits;
  };
  const Case cases[] = {{rsa_key(2048), "RSA", "", 2048},
                        {ec_key("P-256"), "ECDSA", "P-256", 256},
                        {ec_key("P-384"), "ECDSA", "P-384", 384},
                        {ec_key("P-521"), "ECDSA", "P-521", 521},
                        {ec_key("secp256k1"), "ECDSA", "secp256k1", 0},
                        {generate_ed25519(), "Ed25519", "", 256},
                        {KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")), "Ed448", "", 456}};
  for (const Case& c : cases) {
    INFO(c.algorithm << ' ' << c.curve);
    const engine::Bytes spki = spki_of(*c.key);
    const auto key = described(Ask{.key = KeyPtr((EVP_PKEY_up_ref(c.key.get()), c.key.get()))}.pem()).key;
    CHECK(key == engine::RequestDescription::Key{c.algorithm, c.bits, c.curve, engine::to_hex(sha256(spki))});
  }
}

TEST_CASE("a request for a CA is seen by its basic constraints or its key usage") {
  const engine::Bytes ca("\x30\x03\x01\x01\xff", 5), leaf("\x30\x00", 2), cert_sign("\x03\x02\x02\x04", 4),
      digital_signature("\x03\x02\x07\x80", 4);
  CHECK(described(Ask{.extensions = {{"basicConstraints", true, ca}}}.pem()).asks_for_ca);
  CHECK(described(Ask{.extensions = {{"keyUsage", true, cert_sign}}}.pem()).asks_for_ca);
  CHECK_FALSE(
      described(
          Ask{.extensions = {{"basicConstraints", true, leaf}, {"keyUsage", true, digital_signature}}}.pem())
          .asks_for_ca);
}

TEST_CASE("recorded requests, and what is left of them when bytes change, are described or refused") {
  std::size_t read = 0, refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CSRFLOW_FIXTURES "/csr")) {
    const std::string pem = contents(entry.path());
    const auto whole = signer::RequestReader().describe(pem);
    ++(whole ? read : refused);
    const auto block = find_pem(pem);
    if (!block) continue;
    for (std::size_t i = 0; i < block->block.der.size(); i += 3) {
      engine::Bytes changed = block->block.der;
      changed[i] = static_cast<char>(changed[i] ^ static_cast<char>(1 + i % 255));
      const auto description = signer::RequestReader().describe(to_pem("CERTIFICATE REQUEST", changed));
      ++(description ? read : refused);
    }
  }
  CHECK(read > 1000);
  CHECK(refused > 1000);
}
