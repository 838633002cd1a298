// What of a PKCS#10 must be the same, byte for byte, in a successor.
#include "signer/request_encoding.hpp"

#include <openssl/objects.h>

#include "tests/catch.hpp"
#include "tests/signer/request_builder.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

engine::RequestEncoding encoding(const Ask& ask) {
  auto read = request_encoding(ask.pem());
  if (!read) FAIL(read.error());
  return std::move(*read);
}

}  // namespace

TEST_CASE("the subject is the Name's DER as it was sent, whatever the key") {
  const Ask utf8{.subject = {{NID_commonName, "web", V_ASN1_UTF8STRING}}};
  CHECK(engine::to_hex(encoding(utf8).subject) == "300e310c300a06035504030c03776562");
  CHECK(encoding(utf8).subject == encoding(utf8).subject);
  const Ask printable{.subject = {{NID_commonName, "web", V_ASN1_PRINTABLESTRING}}};
  CHECK(engine::to_hex(encoding(printable).subject) == "300e310c300a06035504031303776562");
}

TEST_CASE("extensions have their OID, whether they are critical, and their content") {
  const auto read = encoding({.names = {.dns = {"a.example.com"}}});
  REQUIRE(read.extensions.size() == 1);
  CHECK(read.extensions[0].oid == "2.5.29.17");
  CHECK_FALSE(read.extensions[0].critical);
  CHECK(engine::to_hex(read.extensions[0].value) == "300f820d612e6578616d706c652e636f6d");
}

TEST_CASE("what is no request is told as such") {
  CHECK_FALSE(request_encoding("-----BEGIN CERTIFICATE REQUEST-----").has_value());
}
