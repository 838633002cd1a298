// From a request to a certificate: the draft, the signature, and what other programs say of them.
#include <openssl/pem.h>

#include "signer/asn1.hpp"
#include "signer/keys.hpp"
#include "signer/pem.hpp"
#include "tests/catch.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

BuiltInIssuer issuer_of(const Authority& authority, SigningDurations durations = {},
                        OwnCertificates own = {}) {
  return BuiltInIssuer(authority, std::move(durations), std::move(own));
}

engine::Draft drafted(const engine::Drafted& result) {
  if (const auto* unfit = std::get_if<engine::Unfit>(&result)) FAIL(unfit->message);
  if (const auto* later = std::get_if<engine::NotNow>(&result)) FAIL(later->message);
  return std::get<engine::Draft>(result);
}

CertificatePtr object(const std::string& der) {
  const unsigned char* at = octets(std::string_view(der));
  CertificatePtr certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  REQUIRE(certificate);
  CHECK(at == octets(std::string_view(der)) + der.size());
  CHECK(asn1::der_of<const X509*>(i2d_X509, certificate.get()) == der);
  return certificate;
}

/// The same certificate built with OpenSSL's X509 object out of the parts of `ours`; its to-be-signed bytes.
std::string built_by_openssl(const X509* ours, EVP_PKEY* key, const EVP_MD* digest) {
  const CertificatePtr x(X509_new());
  REQUIRE(X509_set_version(x.get(), X509_VERSION_3) == 1);
  REQUIRE(X509_set_serialNumber(x.get(), const_cast<ASN1_INTEGER*>(X509_get0_serialNumber(ours))) == 1);
  REQUIRE(X509_set_issuer_name(x.get(), X509_get_issuer_name(ours)) == 1);
  REQUIRE(X509_set_subject_name(x.get(), X509_get_subject_name(ours)) == 1);
  REQUIRE(X509_set1_notBefore(x.get(), X509_get0_notBefore(ours)) == 1);
  REQUIRE(X509_set1_notAfter(x.get(), X509_get0_notAfter(ours)) == 1);
  REQUIRE(X509_set_pubkey(x.get(), X509_get0_pubkey(ours)) == 1);
  for (int i = 0; i < X509_get_ext_count(ours); ++i) {
    X509_EXTENSION* extension = X509_get_ext(ours, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    void* value = X509V3_EXT_d2i(extension);
    REQUIRE(value != nullptr);
    REQUIRE(X509_add1_ext_i2d(x.get(), nid, value, X509_EXTENSION_get_critical(extension), 0) == 1);
    const auto* method = X509V3_EXT_get_nid(nid);
    ASN1_item_free(static_cast<ASN1_VALUE*>(value), ASN1_ITEM_ptr(method->it));
  }
  REQUIRE(X509_sign(x.get(), key, digest) > 0);
  return asn1::der_of<X509*>(i2d_re_X509_tbs, x.get());
}

std::string text(const Folder& folder, const std::string& der, const std::string& options) {
  write(folder / "shown.pem", to_pem("CERTIFICATE", der));
  return run("openssl x509 -noout " + options + " -in " + (folder / "shown.pem").string()).output;
}

KeyPtr key_of_kind(const std::string& kind) {
  if (kind == "P-256") return generate_p256();
  if (kind == "Ed25519") return generate_ed25519();
  if (kind == "RSA") return KeyPtr(EVP_RSA_gen(2048));
  return KeyPtr(EVP_EC_gen(kind.c_str()));
}

}  // namespace

TEST_CASE("every draft equals, byte for byte, what OpenSSL builds of the same parts") {
  TestAuthority ca(generate_p256());
  const KeyPtr other = generate_p256();
  const auto issuer = issuer_of(ca.authority);
  const auto* name =
      GENERATE("jane-p256", "jane-p384", "jane-rsa2048", "jane-ed25519", "groups", "sans", "sans-no-subject",
               "empty-subject", "utf8", "dc-email", "two-cn", "asks-ca", "other-ext", "long-cn");
  INFO(name);
  const auto spec = client_spec(fixture(std::string("csr/") + name),
                                {"client auth", "digital signature", "key encipherment"});
  const auto draft = drafted(issuer.draft(spec, noon, counting(0)));
  const auto der = ca.signer.sign(draft.issuer, draft.tbs);
  REQUIRE(der);
  const auto certificate = object(*der);
  CHECK(asn1::der_of<X509*>(i2d_re_X509_tbs, certificate.get()) == draft.tbs);
  CHECK(built_by_openssl(certificate.get(), other.get(), EVP_sha256()) == draft.tbs);
  CHECK(asn1::der_of<const X509_PUBKEY*>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate.get())) ==
        parse_request_pem(spec.request)->spki);
  CHECK(draft.serial.hex() == "400102030405060708090a0b0c0d0e0f");
}

TEST_CASE("a certificate by a CA of every kind of key satisfies openssl verify -x509_strict") {
  const std::string kind = GENERATE("P-256", "P-384", "P-521", "RSA", "Ed25519");
  INFO(kind);
  TestAuthority ca(key_of_kind(kind));
  const auto draft =
      drafted(issuer_of(ca.authority).draft(client_spec(fixture("csr/sans")), noon, counting(1)));
  const auto der = ca.signer.sign(draft.issuer, draft.tbs);
  REQUIRE(der);
  const Folder folder;
  write(folder / "ca.pem", ca.authority.pem);
  write(folder / "leaf.pem", to_pem("CERTIFICATE", *der));
  const auto verified = run("openssl verify -x509_strict -attime 1782907300 -purpose sslclient -CAfile " +
                            (folder / "ca.pem").string() + " " + (folder / "leaf.pem").string());
  INFO(verified.output);
  CHECK(verified.exit_code == 0);
}

TEST_CASE("Jane's certificate says what Kubernetes' signer would say") {
  TestAuthority ca(generate_p256());
  const auto issuer = issuer_of(ca.authority);
  const Folder folder;
  const auto certificate = [&](const char* name, std::vector<std::string> usages) {
    const auto spec = client_spec(fixture(std::string("csr/") + name), std::move(usages));
    const auto draft = drafted(issuer.draft(spec, noon, counting(2)));
    return *ca.signer.sign(draft.issuer, draft.tbs);
  };
  const std::string extensions = "-ext keyUsage,extendedKeyUsage,basicConstraints,subjectAltName";

  const auto plain = certificate("jane-p256", {"client auth"});
  CHECK(text(folder, plain, extensions) ==
        "X509v3 Extended Key Usage: \n    TLS Web Client Authentication\n"
        "X509v3 Basic Constraints: critical\n    CA:FALSE\n");
  CHECK(text(folder, plain, "-subject -dates -nameopt RFC2253") ==
        "subject=CN=jane\nnotBefore=Jul  1 11:55:00 2026 GMT\nnotAfter=Jul  1 11:55:00 2027 GMT\n");

  const auto groups = certificate("groups", {"client auth", "key encipherment", "digital signature"});
  CHECK(text(folder, groups, "-subject -nameopt RFC2253") ==
        "subject=CN=jane,OU=unit,O=devs+O=ops,L=Berlin,ST=Berlin,C=DE\n");
  CHECK(text(folder, groups, extensions) ==
        "X509v3 Key Usage: critical\n    Digital Signature, Key Encipherment\n"
        "X509v3 Extended Key Usage: \n    TLS Web Client Authentication\n"
        "X509v3 Basic Constraints: critical\n    CA:FALSE\n");

  const auto names = certificate("sans", {"client auth"});
  CHECK_THAT(
      text(folder, names, "-ext subjectAltName"),
      Catch::Contains("DNS:jane.example.com, DNS:*.example.com, email:jane@example.com, IP Address:10.1.2.3, "
                      "IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://example.com/jane"));
  CHECK_THAT(text(folder, certificate("sans-no-subject", {"client auth"}), "-ext subjectAltName"),
             Catch::Contains("critical"));
  CHECK(text(folder, certificate("dc-email", {"client auth"}), "-subject -nameopt RFC2253") ==
        "subject=CN=jane,O=devs\n");
  CHECK(text(folder, certificate("two-cn", {"client auth"}), "-subject -nameopt RFC2253") ==
        "subject=CN=second\n");
  CHECK(text(folder, certificate("empty-subject", {"client auth"}), "-subject -nameopt RFC2253") ==
        "subject=\n");
}

TEST_CASE("a request that does not fit fails with the reason for its condition") {
  TestAuthority ca(generate_p256());
  const auto result = issuer_of(ca.authority)
                          .draft(client_spec(fixture("csr/jane-p256"), {"server auth"}), noon, counting(0));
  REQUIRE(std::holds_alternative<engine::Unfit>(result));
  CHECK(std::get<engine::Unfit>(result).reason == "SignerValidationFailure");
  CHECK(std::get<engine::Unfit>(result).message == "invalid usage for client certificate: server auth");
}

TEST_CASE("an expired CA is no fault of the request") {
  TestAuthority ca(generate_p256());
  const auto result = issuer_of(ca.authority)
                          .draft(client_spec(fixture("csr/jane-p256")), ca.authority.not_after, counting(0));
  REQUIRE(std::holds_alternative<engine::NotNow>(result));
  CHECK_THAT(std::get<engine::NotNow>(result).message,
             Catch::StartsWith("refusing to sign a certificate that expired in the past: NotAfter=2036-"));
}

TEST_CASE("a signer configured for six seconds gives six seconds") {
  TestAuthority ca(generate_p256());
  SigningDurations durations;
  durations.by_signer[{"kubernetes.io/kube-apiserver-client"}] = *parse_duration("6s");
  const auto issuer = issuer_of(ca.authority, durations);
  const auto draft = drafted(issuer.draft(client_spec(fixture("csr/jane-p256")), noon, counting(0)));
  CHECK(draft.clock == noon);
  CHECK(draft.not_after == noon.cut_to_seconds() + engine::seconds(6));
  CHECK(issuer.lifetime({"kubernetes.io/kube-apiserver-client"}, std::nullopt) == engine::seconds(6));
  CHECK(issuer.lifetime({"kubernetes.io/kubelet-serving"}, 3600) == engine::seconds(3600));
  CHECK(issuer.serves({"kubernetes.io/kubelet-serving"}));
  CHECK_FALSE(issuer.serves({"example.com/custom"}));
}

TEST_CASE("from 2050 on times are GeneralizedTime") {
  const auto in_2049 = engine::parse_rfc3339("2049-06-01T00:00:00Z").value();
  TestAuthority ca(generate_p256(), in_2049);
  const auto draft =
      drafted(issuer_of(ca.authority).draft(client_spec(fixture("csr/jane-p256")), in_2049, counting(0)));
  CHECK(draft.tbs.find("490531235500Z") != std::string::npos);
  CHECK(draft.tbs.find("20500531235500Z") != std::string::npos);
}

TEST_CASE("drafting is deterministic") {
  TestAuthority ca(generate_p256());
  const auto issuer = issuer_of(ca.authority);
  const auto spec = client_spec(fixture("csr/sans"));
  CHECK(drafted(issuer.draft(spec, noon, counting(3))).tbs ==
        drafted(issuer.draft(spec, noon, counting(3))).tbs);
  CHECK(drafted(issuer.draft(spec, noon, counting(3))).tbs !=
        drafted(issuer.draft(spec, noon, counting(4))).tbs);
}

TEST_CASE("the self-signed CA is its own strict issuer") {
  TestAuthority ca(generate_p256());
  const Folder folder;
  write(folder / "ca.pem", ca.authority.pem);
  const auto verified = run("openssl verify -x509_strict -check_ss_sig -attime 1782907300 -CAfile " +
                            (folder / "ca.pem").string() + " " + (folder / "ca.pem").string());
  INFO(verified.output);
  CHECK(verified.exit_code == 0);
  const auto shown =
      text(folder, ca.authority.der, "-subject -ext keyUsage,basicConstraints -nameopt RFC2253");
  CHECK(shown == "subject=CN=csrflow CA " + ca.authority.ski.substr(0, 8) +
                     "\nX509v3 Key Usage: critical\n    Digital Signature, Certificate Sign, CRL Sign\n"
                     "X509v3 Basic Constraints: critical\n    CA:TRUE\n");
  CHECK(ca.authority.not_after - ca.authority.not_before == authority_lifetime);
  CHECK(ca.authority.spki == ca.signer.spki());
}

TEST_CASE("csrflow's own certificates are a server's and an administrator's") {
  TestAuthority ca(generate_p256());
  OwnCertificates own;
  own.server_spki = spki_of(*generate_p256());
  own.admin_spki = spki_of(*generate_p256());
  own.server_names = {"127.0.0.1", "::1", "localhost", "ca.example.com", "127.0.0.1"};
  const auto issuer = issuer_of(ca.authority, {}, own);
  const Folder folder;
  write(folder / "ca.pem", ca.authority.pem);
  const auto verify = [&](engine::OwnCertificate which, const std::string& options) {
    const auto draft = drafted(issuer.draft_own(which, noon, counting(5)));
    CHECK(draft.not_after == noon.cut_to_seconds() + own_lifetime - backdating);
    const auto der = ca.signer.sign(draft.issuer, draft.tbs);
    REQUIRE(der);
    write(folder / "own.pem", to_pem("CERTIFICATE", *der));
    const auto verified = run("openssl verify -x509_strict -attime 1782907300 " + options + " -CAfile " +
                              (folder / "ca.pem").string() + " " + (folder / "own.pem").string());
    INFO(verified.output);
    CHECK(verified.exit_code == 0);
    return *der;
  };
  for (const auto* host : {"-verify_hostname localhost", "-verify_hostname ca.example.com",
                           "-verify_ip 127.0.0.1", "-verify_ip ::1"})
    verify(engine::OwnCertificate::server, std::string("-purpose sslserver ") + host);
  const auto admin = verify(engine::OwnCertificate::admin, "-purpose sslclient");
  CHECK(text(folder, admin, "-subject -nameopt RFC2253") == "subject=CN=csrflow-admin,O=system:masters\n");
  CHECK(std::holds_alternative<engine::NotNow>(
      issuer_of(ca.authority).draft_own(engine::OwnCertificate::admin, noon, counting(5))));
}

TEST_CASE("the key signs certificates of its own CA and nothing else") {
  TestAuthority ca(generate_p256());
  TestAuthority rsa(key_of_kind("RSA"));
  const auto draft =
      drafted(issuer_of(ca.authority).draft(client_spec(fixture("csr/jane-p256")), noon, counting(0)));
  CHECK_THAT(ca.signer.sign("00", draft.tbs).error(), Catch::Contains("is not here"));
  CHECK(ca.signer.sign(draft.issuer, "not a certificate").error() == "these bytes are not a TBSCertificate");
  CHECK(ca.signer.sign(draft.issuer, draft.tbs + "x").error() == "these bytes are not a TBSCertificate");
  CHECK_THAT(rsa.signer.sign(rsa.authority.ski, draft.tbs).error(),
             Catch::Contains("another signature algorithm"));
}

TEST_CASE("what is not a CA's certificate is refused with a sentence") {
  CHECK(read_authority("nothing").error() == "the CA certificate is not a PEM block CERTIFICATE");
  CHECK_THAT(read_authority(fixture("certs/leaf")).error(), Catch::Contains("not one of a CA"));
}

TEST_CASE("a serial number is 16 octets, positive and never zero") {
  std::array<std::uint8_t, 16> ones{};
  ones.fill(0xff);
  CHECK(serial_from(ones).hex() == "7fffffffffffffffffffffffffffffff");
  CHECK(serial_from(std::array<std::uint8_t, 16>{}).hex() == "40000000000000000000000000000000");
}

TEST_CASE("the lint before recording sees what was built wrong") {
  TestAuthority ca(generate_p256());
  const auto draft =
      drafted(issuer_of(ca.authority).draft(client_spec(fixture("csr/sans")), noon, counting(0)));
  const auto request = *parse_request_pem(fixture("csr/sans"));
  LeafFields right;
  right.serial = draft.serial;
  right.issuer = ca.authority.subject;
  right.subject = encode_subject(request.subject);
  right.spki = request.spki;
  right.validity = {draft.not_before, draft.not_after};
  right.names = request.names;
  const auto finding = [&](auto&& spoil) {
    LeafFields fields = right;
    spoil(fields);
    return lint_leaf(draft.tbs, fields, ca.authority.not_after).value_or("");
  };
  CHECK(finding([](LeafFields&) {}).empty());
  CHECK(finding([](LeafFields& f) { f.serial.content[3] = 'x'; }) ==
        "the serial number has not the right form");
  CHECK(finding([](LeafFields& f) { f.issuer = f.subject; }) == "the issuer is not the CA's subject");
  CHECK(finding([](LeafFields& f) { f.spki.back() ^= 1; }) == "the public key is not the request's");
  CHECK(finding([](LeafFields& f) { f.validity.not_after = noon; }) == "the validity is out of order");
  CHECK(finding([](LeafFields& f) { f.names = {}; }) == "the names are not those of the request");
  CHECK(finding([](LeafFields& f) { f.algorithm = SignatureAlgorithm::ed25519; }) ==
        "the signature algorithm is not the CA's");
  CHECK(lint_leaf(draft.tbs, right, noon).value_or("") == "the validity is out of order");
}
