// What own signers refuse: before there is an object, and whatever policies say.
#include "signer/request_checks.hpp"

#include <openssl/objects.h>

#include "signer/keys.hpp"
#include "tests/catch.hpp"
#include "tests/signer/request_builder.hpp"
#include "tests/signer/support.hpp"
#include "tests/signer/weak_moduli.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

/// `; ` between several.
std::string refused(const Ask& ask, const std::string& spec = "{}", const ReservedKeys& reserved = {}) {
  std::string text;
  for (const auto& problem : refusals(own_profile(spec), own_spec(ask.pem()), reserved)) {
    CHECK(problem.path == "spec.request");
    text += (text.empty() ? "" : "; ") + problem.text;
  }
  return text;
}

std::string denied(const Ask& ask, const std::string& spec = "{}",
                   std::vector<std::string> usages = {"digital signature", "server auth"}) {
  const auto profile = own_profile(spec);
  const auto request = own_spec(ask.pem(), std::move(usages));
  CHECK(refusals(profile, request) == engine::FieldProblems{});
  return denial(profile, request).value_or("");
}

Ask web() {
  Ask ask;
  ask.names.dns = {"a.shop.example.com"};
  return ask;
}
Ask with(const engine::Bytes& spki) {
  Ask ask = web();
  ask.spki = spki;
  return ask;
}
Ask keyed(KeyPtr key) {
  Ask ask = web();
  ask.key = std::move(key);
  return ask;
}
Ask named(AlternativeNames names) {
  Ask ask;
  ask.names = std::move(names);
  return ask;
}
Ask called(std::vector<testing::Attribute> subject) {
  Ask ask;
  ask.subject = std::move(subject);
  return ask;
}
Ask extended(RawExtension extension) {
  Ask ask = web();
  ask.extensions = {std::move(extension)};
  return ask;
}

}  // namespace

TEST_CASE("a sound request is neither refused nor denied") {
  CHECK(refused(web()).empty());
  CHECK(denied(web()).empty());
  CHECK(denied(keyed(rsa_key(2048))).empty());
  CHECK(denied(keyed(ec_key("P-384"))).empty());
  CHECK(denied(keyed(ec_key("P-521"))).empty());
  CHECK(denied(keyed(generate_ed25519())).empty());
  Ask all = called({{NID_countryName, "DE"}, {NID_commonName, "Werkst\xc3\xa4tte"}});
  all.names = {.dns = {"*.example.com", "xn--bcher-kva.example.com"},
               .email = {"jane@example.com"},
               .uri = {"spiffe://example.com/web"},
               .ip = {address("10.1.2.3"), address("2001:db8::1")}};
  CHECK(denied(all).empty());
}

TEST_CASE("keys that are weak or malformed are refused") {
  CHECK(refused(keyed(rsa_key(1024))) ==
        "an RSA key of 1024 bits; signer example.com/web takes at least 2048");
  CHECK(refused(keyed(rsa_key(2048)), R"({"keys": {"minRSA": 3072}})") ==
        "an RSA key of 2048 bits; signer example.com/web takes at least 3072");
  CHECK(refused(with(rsa_spki(close_primes, "03"))) == "RSA exponent 3; use 65537");
  CHECK(refused(with(rsa_spki(close_primes, "010000"))) == "the RSA exponent is even");
  CHECK(refused(with(rsa_spki(close_primes, "010001"))) ==
        "the RSA modulus' factors are too close (Fermat, round 1)");
  CHECK(refused(with(rsa_spki(small_factor, "010001"))) == "the RSA modulus has a small factor");
  CHECK(refused(with(rsa_spki(roca_fingerprint, "010001"))) ==
        "the key has the ROCA fingerprint (CVE-2017-15361)");
  CHECK(refused(with(rsa_spki(prime_modulus, "010001"))) == "the public key is not a sound one");
  CHECK(refused(with(ed25519_spki(engine::Bytes(32, '\0')))) == "the Ed25519 key is a point of small order");
  CHECK(refused(with(ed25519_spki(engine::Bytes(32, '\xff')))) == "the Ed25519 key is not a canonical point");
  const KeyPtr own = generate_p256();
  const ReservedKeys reserved{spki_of(*own)};
  CHECK(refused(with(reserved.front()), "{}", reserved) == "the key is one of csrflow's own; make another");
}

TEST_CASE("a signature by SHA-1 is refused, and so is a challenge password") {
  Ask sha1 = keyed(rsa_key(2048));
  sha1.digest = "SHA1";
  CHECK(refused(sha1) == "signed with SHA-1; use SHA-256");
  Ask challenge = web();
  challenge.attributes = {{NID_pkcs9_challengePassword, "secret"}};
  CHECK(refused(challenge) == "remove the challenge password: requests are kept for ever and read by many");
  Ask others = web();
  others.attributes = {{NID_pkcs9_unstructuredName, "a"}, {NID_friendlyName, "b"}};
  CHECK(refused(others).empty());
}

TEST_CASE("names that are none are refused") {
  struct Case {
    AlternativeNames names;
    const char* sentence;
  };
  const std::vector<Case> cases{
      {{.dns = {"a_b.example.com"}}, "DNS name a_b.example.com: underscore"},
      {{.dns = {"-a.example.com"}}, "DNS name -a.example.com: hyphen first"},
      {{.dns = {"a..example.com"}}, "DNS name a..example.com: empty label"},
      {{.dns = {"a.*.example.com"}}, "DNS name a.*.example.com: wildcard not first"},
      {{.dns = {"10.1.2.3"}}, "DNS name 10.1.2.3: an IP address"},
      {{.dns = {"ab--cd.example.com"}},
       "DNS name ab--cd.example.com: two hyphens in the third and fourth place of a label"},
      {{.dns = {"xn--a.example.com"}},
       "DNS name xn--a.example.com: an xn-- label that stands for no name of IDNA 2008"},
      {{.uri = {"spiffe://EXAMPLE.com/web"}}, "URI spiffe://EXAMPLE.com/web: trust domain in upper case"},
      {{.uri = {"/relative"}}, "URI /relative: not absolute"},
  };
  for (const Case& c : cases) CHECK(refused(named(c.names)) == c.sentence);
  CHECK(refused(named({.email = {"Jane Doe <jane@example.com>"}})) == "x509: SAN rfc822Name is malformed");
  CHECK(refused(named({.email = {"jane"}})).starts_with("e-mail name jane: "));
  AlternativeNames many;
  for (int i = 0; i < 101; ++i) many.dns.push_back("host-" + std::to_string(i) + ".example.com");
  CHECK(refused(named(many)) == "x509: 101 subject alternative names; at most 100 are allowed");
}

TEST_CASE("subjects that nobody can read are refused") {
  struct Case {
    testing::Attribute attribute;
    const char* sentence;
  };
  const std::vector<Case> cases{
      {{NID_userId, std::string("ja\0ne", 5)}, "user id has a NUL at byte 2"},
      {{NID_commonName,
        "a\xe2\x80\xae"
        "b"},
       "common name has a mark that turns the direction of text at byte 1"},
      {{NID_commonName, "\xee\x80\x80"}, "common name has a private character at byte 0"},
      {{NID_commonName, "Jane", V_ASN1_T61STRING}, "common name is a T61String; encode it as a UTF8String"},
      {{NID_countryName, "Germany"}, "country has 7 characters, at most 2"},
      {{NID_countryName, "de"}, "country must be two capital letters (ISO 3166)"},
      {{NID_commonName, std::string(65, 'x')}, "common name has 65 characters, at most 64"},
      {{NID_serialNumber, "\xc3\xa4"}, "serial number has characters that a PrintableString may not have"},
      {{NID_organizationName, ""}, "organization is empty"}};
  for (const Case& c : cases) CHECK(refused(called({c.attribute})) == c.sentence);
  std::string umlauts;
  for (int i = 0; i < 64; ++i) umlauts += "\xc3\xa4";
  CHECK(refused(called({{NID_commonName, umlauts}})).empty());
  CHECK(refused({}) == "the subject is empty and there is no alternative name");
  CHECK(refused(called({{NID_commonName, "jane"}}), R"({"subject": "drop"})") ==
        "there is no alternative name, and signer example.com/web drops the subject");
}

TEST_CASE("extensions that the signer does not issue are refused when they are critical") {
  const RawExtension staple{"1.3.6.1.5.5.7.1.24", false, engine::Bytes("\x30\x03\x02\x01\x05", 5)};
  CHECK(refused(extended(staple)).empty());
  RawExtension critical = staple;
  critical.critical = true;
  CHECK(refused(extended(critical)) ==
        "requested extension 1.3.6.1.5.5.7.1.24 is critical, and signer example.com/web does not issue it");
  CHECK(refused(extended(critical), R"({"extensions": ["tlsfeature"]})").empty());
  CHECK(refused(extended({"1.2.3.4", false, "\x30\x05"})) == "requested extension 1.2.3.4 is malformed");
  CHECK(refused(extended({"keyUsage", true, engine::Bytes("\x03\x02\x07\x80\x00", 5)})) ==
        "requested extension 2.5.29.15 is malformed");
}

TEST_CASE("a request with two lists of names is refused, and so is what is no request") {
  Ask two = web();
  two.extensions = {{"subjectAltName", false, engine::Bytes("\x30\x03\x82\x01\x62", 5)}};
  CHECK(refused(two) == "x509: certificate request contains duplicate requested extensions");
  CHECK(refusals(own_profile("{}"), own_spec("no PEM")) ==
        engine::FieldProblems{{"spec.request", "PEM block type must be CERTIFICATE REQUEST"}});
}

TEST_CASE("no policy makes a CA of a subject") {
  const char* sentence = "the request asks for a CA; signer example.com/web makes none";
  CHECK(denied(extended({"basicConstraints", true, engine::Bytes("\x30\x03\x01\x01\xff", 5)})) == sentence);
  CHECK(denied(extended({"keyUsage", true, engine::Bytes("\x03\x02\x02\x04", 4)})) == sentence);
  CHECK(denied(web(), "{}", {"cert sign"}) ==
        "usage \"cert sign\" is none that signer example.com/web permits");
}

TEST_CASE("kinds of names that the signer does not take are denied") {
  CHECK(denied(named({.email = {"jane@example.com"}}), R"({"names": {"dns": true}})") ==
        "e-mail name jane@example.com: signer example.com/web takes none of this kind");
  CHECK(denied(web(), R"({"names": {"dns": false}})") ==
        "DNS name a.shop.example.com: signer example.com/web takes none of this kind");
  Ask other = web();
  other.other_names = {engine::Bytes("\x88\x03\x2a\x03\x04", 5)};
  CHECK(denied(other) == "registered ID 1.2.3.4: signer example.com/web takes none of this kind");
  CHECK(denied(called({{NID_commonName, "jane"}, {NID_dnQualifier, "1", V_ASN1_PRINTABLESTRING}})) ==
        "subject attribute 2.5.4.46 is none that certificates of signer example.com/web can have");
}

TEST_CASE("keys that the signer does not take are denied") {
  CHECK(denied(keyed(ec_key("P-521")), R"({"keys": {"curves": ["P-256"]}})") ==
        "curve P-521 is none that signer example.com/web takes");
  CHECK(denied(keyed(rsa_key(2048)), R"({"keys": {"algorithms": ["ECDSA"]}})") ==
        "key algorithm RSA is none that signer example.com/web takes");
}

TEST_CASE("usages that are not permitted, or that the key cannot serve, are denied") {
  CHECK(denied(web(), R"({"usages": {"permitted": ["server auth"]}})", {"server auth", "client auth"}) ==
        "usage \"client auth\" is none that signer example.com/web permits");
  CHECK(denied(web(), "{}", {"digital signature", "key encipherment"}) ==
        "usage \"key encipherment\" is nothing that the request's ECDSA key can do");
  CHECK(denied(keyed(rsa_key(2048)), "{}", {"digital signature", "key encipherment"}).empty());
  CHECK(denied(web(), R"({"usages": {"permitted": ["timestamping", "server auth"]}})",
               {"timestamping", "server auth"}) ==
        "usage \"timestamping\" must be the only extended one (RFC 3161 2.3)");
  CHECK(denied(web(), R"({"usages": {"permitted": ["encipher only"]}})", {"encipher only"}) ==
        "usages \"encipher only\" and \"decipher only\" mean something beside \"key agreement\" only");
}

TEST_CASE("names outside the constraints are denied, wildcards by the hosts that they stand for") {
  struct Case {
    const char* constraints;
    AlternativeNames names;
    const char* sentence;  // empty: inside
  };
  const char* shop = R"("permitted": {"dns": ["shop.example.com"]})";
  const char* no_admin = R"("excluded": {"dns": ["admin.shop.example.com"]})";
  const char* addresses = R"("permitted": {"ip": ["10.0.0.0/8", "2001:db8::/32"]})";
  const char* mail = R"("permitted": {"email": ["example.com", ".dept.example.com", "jane@other.example"]})";
  const char* uris = R"("permitted": {"uri": ["example.com", ".b.example"]})";
  const std::vector<Case> cases{
      {shop, {.dns = {"shop.example.com"}}, ""},
      {shop, {.dns = {"A.B.shop.example.com."}}, ""},
      {shop, {.dns = {"*.shop.example.com"}}, ""},
      {shop, {.dns = {"xshop.example.com"}}, "DNS name xshop.example.com is outside shop.example.com"},
      {shop, {.dns = {"*.example.com"}}, "DNS name *.example.com is outside shop.example.com"},
      {shop, {.ip = {address("10.1.2.3")}}, ""},
      {no_admin, {.dns = {"b.shop.example.com"}}, ""},
      {no_admin,
       {.dns = {"a.admin.shop.example.com"}},
       "DNS name a.admin.shop.example.com is excluded by admin.shop.example.com"},
      {no_admin,
       {.dns = {"*.shop.example.com"}},
       "DNS name *.shop.example.com is excluded by admin.shop.example.com"},
      {no_admin, {.dns = {"*.example.com"}}, ""},
      {addresses, {.ip = {address("10.1.2.3"), address("2001:db8::7")}}, ""},
      {addresses, {.ip = {engine::Bytes("\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x01\x02\x03", 16)}}, ""},
      {addresses, {.ip = {address("11.0.0.1")}}, "IP address 11.0.0.1 is outside 10.0.0.0/8, 2001:db8::/32"},
      {mail, {.email = {"a@example.com", "b@x.dept.example.com", "jane@other.example"}}, ""},
      {mail,
       {.email = {"a@dept.example.com"}},
       "e-mail name a@dept.example.com is outside .dept.example.com, example.com, jane@other.example"},
      {mail,
       {.email = {"JANE@other.example"}},
       "e-mail name JANE@other.example is outside .dept.example.com, example.com, jane@other.example"},
      {uris, {.uri = {"https://example.com:8443/a?b", "spiffe://a.b.example/x"}}, ""},
      {uris,
       {.uri = {"https://a.example.com/"}},
       "URI https://a.example.com is outside .b.example, example.com"},
      {uris,
       {.uri = {"https://10.1.2.3/"}},
       "URI https://10.1.2.3 has no host name, and URIs are constrained by it"},
      {uris, {.uri = {"urn:a:b"}}, "URI urn:a:b has no host name, and URIs are constrained by it"}};
  for (const Case& c : cases) {
    const std::string spec = R"({"names": {"constraints": {)" + std::string(c.constraints) + "}}}";
    const std::string expected =
        *c.sentence == '\0' ? "" : std::string(c.sentence) + " at signer example.com/web";
    CHECK(denied(named(c.names), spec) == expected);
  }
}
