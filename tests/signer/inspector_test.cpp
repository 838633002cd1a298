// What may be set as status.certificate. Fixtures and words recorded from kube-apiserver 1.35.
#include "signer/inspector.hpp"

#include "signer/pem.hpp"
#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {
std::string detail(const std::string& pem) {
  const auto facts = OpenSslInspector().check_certificate(pem);
  return facts ? "accepted" : facts.error();
}
}  // namespace

TEST_CASE("certificates that Kubernetes accepts are accepted") {
  const auto* name = GENERATE("leaf", "other", "ca", "chain", "two-in-one", "crlf", "text-around");
  INFO(name);
  CHECK(detail(fixture(std::string("certs/") + name)) == "accepted");
}

TEST_CASE("what is no certificate is refused in Kubernetes' words") {
  CHECK(detail(fixture("certs/no-pem")) == "must contain at least one CERTIFICATE PEM block");
  CHECK(detail(fixture("certs/headers")) == "no PEM block headers are permitted");
  CHECK(detail(fixture("certs/empty-block")) == "found CERTIFICATE PEM block containing 0 certificates");
  CHECK(detail(fixture("certs/is-request")) ==
        "only CERTIFICATE PEM blocks are allowed, found \"CERTIFICATE REQUEST\"");
  CHECK(detail(fixture("certs/trusted-type")) ==
        "only CERTIFICATE PEM blocks are allowed, found \"TRUSTED CERTIFICATE\"");
  CHECK(detail(fixture("certs/leaf") + to_pem("EC PRIVATE KEY", "secret")) ==
        "only CERTIFICATE PEM blocks are allowed, found \"EC PRIVATE KEY\"");
  CHECK_THAT(detail(fixture("certs/garbage")), Catch::StartsWith("asn1: ") || Catch::StartsWith("x509: "));
  CHECK(detail(fixture("certs/truncated")) != "accepted");
}

TEST_CASE("the facts are the leaf's, which comes first") {
  const auto facts = OpenSslInspector().check_certificate(fixture("certs/chain"));
  REQUIRE(facts);
  const Folder folder;
  write(folder / "leaf.pem", fixture("certs/leaf"));
  const auto shown =
      run("openssl x509 -noout -serial -fingerprint -sha256 -in " + (folder / "leaf.pem").string()).output;
  std::string expected = "serial=" + facts->serial.hex() + "\nsha256 fingerprint=";
  for (std::size_t i = 0; i < facts->fingerprint.size(); i += 2)
    expected += facts->fingerprint.substr(i, 2) + (i + 2 < facts->fingerprint.size() ? ":" : "\n");
  std::string lower = shown;
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  CHECK(lower == expected);
  CHECK(engine::rfc3339_seconds(facts->not_before) == "2026-11-24T11:13:39Z");
  CHECK(engine::rfc3339_seconds(facts->not_after) == "2126-10-31T11:13:39Z");
}
