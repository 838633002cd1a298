// What the API accepts as a certification request. Fixtures and expected words were recorded from
// kube-apiserver 1.35.
#include <openssl/pem.h>

#include "signer/asn1.hpp"
#include "signer/der.hpp"
#include "signer/inspector.hpp"
#include "signer/pem.hpp"
#include "signer/pkcs10.hpp"
#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

std::string refusal(const std::string& pem) {
  const auto verified = OpenSslInspector().verify_request(pem);
  return verified ? "accepted" : verified.error();
}

}  // namespace

TEST_CASE("requests that Kubernetes accepts are accepted") {
  const auto* name = GENERATE(
      "jane-p256", "jane-p384", "jane-p521", "jane-rsa1024", "jane-rsa2048", "jane-rsa4096", "jane-ed25519",
      "sha1", "sha512", "pss", "groups", "sans", "sans-no-subject", "empty-subject", "asks-ca", "other-ext",
      "dc-email", "utf8", "two-cn", "long-cn", "two-blocks", "text-before", "text-after", "crlf", "one-line",
      "no-final-newline", "pem-headers", "blank-line-inside", "masters", "kubelet", "serving");
  INFO(name);
  CHECK(refusal(fixture(std::string("csr/") + name)) == "accepted");
}

TEST_CASE("requests that Kubernetes refuses are refused in its words") {
  struct Case {
    const char* name;
    std::string words;
  };
  const std::string no_block = "PEM block type must be CERTIFICATE REQUEST";
  const auto c =
      GENERATE_COPY(Case{"not-pem", no_block}, Case{"empty", no_block}, Case{"wrong-type", no_block},
                    Case{"new-type", no_block}, Case{"key-first", no_block}, Case{"space-before", no_block},
                    Case{"truncated-pem", no_block}, Case{"no-end", no_block}, Case{"der-only", no_block},
                    Case{"empty-block", "asn1: syntax error: sequence truncated"},
                    Case{"truncated-der", "asn1: syntax error: data truncated"},
                    Case{"trailing-der", "asn1: syntax error: trailing data"},
                    Case{"bad-signature", "x509: ECDSA verification failure"},
                    Case{"changed-subject", "x509: ECDSA verification failure"},
                    Case{"md5", "x509: cannot verify signature: insecure algorithm MD5-RSA"});
  INFO(c.name);
  CHECK(refusal(fixture(std::string("csr/") + c.name)) == c.words);
  CHECK_THAT(refusal(fixture("csr/garbage-der")), Catch::StartsWith("asn1: "));
}

TEST_CASE("the subject is the last common name and all organisations") {
  const OpenSslInspector inspector;
  CHECK(inspector.verify_request(fixture("csr/two-cn"))->common_name == "second");
  const auto groups = inspector.verify_request(fixture("csr/groups"));
  CHECK(groups->common_name == "jane");
  CHECK(groups->organizations == std::vector<std::string>{"devs", "ops"});
  CHECK(inspector.verify_request(fixture("csr/utf8"))->common_name == "jäne");
  CHECK(inspector.verify_request(fixture("csr/empty-subject"))->common_name.empty());
}

TEST_CASE("names of every kind are read") {
  const auto request = parse_request_pem(fixture("csr/sans"));
  REQUIRE(request);
  CHECK(request->names.dns == std::vector<std::string>{"jane.example.com", "*.example.com"});
  CHECK(request->names.email == std::vector<std::string>{"jane@example.com"});
  CHECK(request->names.uri == std::vector<std::string>{"spiffe://example.com/jane"});
  REQUIRE(request->names.ip.size() == 2);
  CHECK(engine::to_hex(request->names.ip[0]) == "0a010203");
  CHECK(engine::to_hex(request->names.ip[1]) == "20010db8000000000000000000000001");
}

TEST_CASE("what is read equals what OpenSSL's own request object holds") {
  const auto* name = GENERATE("jane-p256", "jane-rsa2048", "jane-ed25519", "groups", "sans", "utf8",
                              "dc-email", "pss", "asks-ca", "other-ext");
  INFO(name);
  const auto pem = fixture(std::string("csr/") + name);
  const auto ours = parse_request_pem(pem);
  REQUIRE(ours);
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Handle<X509_REQ, X509_REQ_free> theirs(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  REQUIRE(theirs);
  CHECK(asn1::der_of<const X509_REQ*>(i2d_X509_REQ, theirs.get()) == ours->der);
  CHECK(asn1::der_of<X509_REQ*>(i2d_re_X509_REQ_tbs, theirs.get()) == ours->info);
  CHECK(asn1::der_of<const X509_PUBKEY*>(i2d_X509_PUBKEY, X509_REQ_get_X509_PUBKEY(theirs.get())) ==
        ours->spki);
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(theirs.get(), &signature, &algorithm);
  CHECK(view(signature) == ours->signature);
  CHECK(asn1::der_of<const X509_ALGOR*>(i2d_X509_ALGOR, algorithm) == ours->algorithm);
}

TEST_CASE("a request made by the openssl command is accepted, and one that is changed is not") {
  const Folder folder;
  const auto made = run(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/O=devs/CN=jane' -keyout " +
      (folder / "jane.key").string() + " -out " + (folder / "jane.csr").string());
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  const auto pem = contents(folder / "jane.csr");
  REQUIRE(refusal(pem) == "accepted");
  auto der = find_pem(pem)->block.der;
  der.back() = static_cast<char>(der.back() ^ 1);
  CHECK(refusal(to_pem("CERTIFICATE REQUEST", der)) == "x509: ECDSA verification failure");
}

TEST_CASE("a version other than 0 is refused though OpenSSL verifies it") {
  auto der = find_pem(fixture("csr/jane-p256"))->block.der;
  const auto version = der.find(std::string("\x02\x01\x00", 3));
  REQUIRE(version < 8);
  der[version + 2] = 2;
  CHECK(refusal(to_pem("CERTIFICATE REQUEST", der)) == "x509: version is 2, must be 0");
}

TEST_CASE("a key that is too small or too large is refused before any work is done with it") {
  const Folder folder;
  const auto made = run("openssl req -new -newkey rsa:512 -nodes -sha256 -subj /CN=jane -keyout " +
                        (folder / "k").string() + " -out " + (folder / "r").string());
  REQUIRE(made.exit_code == 0);
  CHECK(refusal(contents(folder / "r")) == "crypto/rsa: a key of 512 bits is refused; use 1024 to 8192");
}

TEST_CASE("explicit curve parameters are refused") {
  const Folder folder;
  const auto made = run("openssl ecparam -name prime256v1 -genkey -noout -param_enc explicit -out " +
                        (folder / "k").string() + " && openssl req -new -key " + (folder / "k").string() +
                        " -subj /CN=jane -out " + (folder / "r").string());
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK(refusal(contents(folder / "r")) == "x509: elliptic curve parameters must be named");
}

TEST_CASE("a control character in a name is refused") {
  const Folder folder;
  const auto made =
      run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -utf8 -subj \"/CN=ja$(printf "
          "'\\001')ne\" -keyout " +
          (folder / "k").string() + " -out " + (folder / "r").string());
  INFO(made.output);
  REQUIRE(made.exit_code == 0);
  CHECK(refusal(contents(folder / "r")) ==
        "x509: invalid RDNSequence: invalid attribute value: control character at byte 2");
}

TEST_CASE("DER is told from BER") {
  const auto bytes = [](std::string_view hex) { return *engine::from_hex(hex); };
  CHECK(check_der(bytes("3003020101")));
  CHECK(check_der(bytes("3080020101")).error() == "asn1: syntax error: indefinite length found (not DER)");
  CHECK(check_der(bytes("308103020101")).error() == "asn1: structure error: non-minimal length");
  CHECK(check_der(bytes("30820003020101")).error() == "asn1: structure error: non-minimal length");
  CHECK(check_der(bytes("3003010101")).error() == "asn1: syntax error: invalid boolean");
  CHECK(check_der(bytes("300424020400")).error() == "asn1: structure error: a string in parts (not DER)");
  CHECK(check_der(bytes("300302010100")).error() == "asn1: syntax error: trailing data");
  CHECK(check_der(bytes("30030203")).error() == "asn1: syntax error: data truncated");
  CHECK(check_der(bytes("0201")).error() == "asn1: syntax error: data truncated");
  CHECK(check_der(bytes("020101")).error() == "asn1: structure error: tags don't match");
  std::string deep = bytes("3000");
  for (int depth = 1; depth < max_der_depth; ++depth)
    deep = std::string("\x30") + static_cast<char>(deep.size()) + deep;
  CHECK(check_der(deep));
  CHECK(check_der(std::string("\x30") + static_cast<char>(deep.size()) + deep).error() ==
        "asn1: structure error: nested too deeply");
}

TEST_CASE("an oversized request is refused by its length") {
  CHECK(parse_request(std::string(max_request_der + 1, '0')).error() ==
        "the request is longer than 65536 bytes");
}

TEST_CASE("PEM comes back as it went in") {
  for (std::size_t length : {0U, 1U, 2U, 3U, 47U, 48U, 49U, 300U}) {
    const std::string der(length, '\x5a');
    const auto found = find_pem("before\n" + to_pem("THING", der) + "after");
    REQUIRE(found);
    CHECK(found->block.type == "THING");
    CHECK(found->block.der == der);
    CHECK_FALSE(found->block.has_headers);
    CHECK(found->rest == "after");
  }
}
