// What own signers issue: by their documents, by what was asked for, and as other programs accept it. With
// CSRFLOW_CERTIFICATES=FOLDER in the environment the certificates stay there, for linters, and are valid from
// now on: not every linter can be told another time.
#include <openssl/objects.h>

#include <cstdlib>
#include <ctime>

#include "engine/event.hpp"
#include "signer/asn1.hpp"
#include "signer/built_in_signers.hpp"
#include "signer/issuer.hpp"
#include "signer/keys.hpp"
#include "signer/lint.hpp"
#include "signer/pem.hpp"
#include "tests/catch.hpp"
#include "tests/signer/request_builder.hpp"
#include "tests/signer/support.hpp"

using namespace csrflow;
using namespace csrflow::signer;
using namespace csrflow::signer::testing;

namespace {

constexpr std::int64_t day = 86'400;

const char* const kept = std::getenv("CSRFLOW_CERTIFICATES");
const engine::Timestamp instant = kept == nullptr ? noon : engine::from_seconds(std::time(nullptr));

TestAuthority& ca() {
  static TestAuthority authority(generate_p256(), instant);
  return authority;
}

engine::Drafted drafted(const SignerProfile& profile, const engine::CsrSpec& spec,
                        const engine::IssueTerms& terms = {}) {
  return draft_for(profile, ca().authority, spec, instant, counting(1), terms);
}
engine::Draft draft(const SignerProfile& profile, const engine::CsrSpec& spec,
                    const engine::IssueTerms& terms = {}) {
  auto made = drafted(profile, spec, terms);
  if (const auto* unfit = std::get_if<engine::Unfit>(&made)) FAIL(unfit->message);
  if (const auto* later = std::get_if<engine::NotNow>(&made)) FAIL(later->message);
  return std::get<engine::Draft>(made);
}
std::string unfit(const SignerProfile& profile, const engine::CsrSpec& spec) {
  const auto made = drafted(profile, spec);
  const auto* why = std::get_if<engine::Unfit>(&made);
  return why == nullptr ? "" : why->message;
}

/// Signed, accepted by openssl, and what `openssl x509 -text` says of it.
std::string issued(const std::string& name, const SignerProfile& profile, const engine::CsrSpec& spec) {
  const engine::Draft made = draft(profile, spec);
  const auto der = ca().signer.sign(made.issuer, made.tbs);
  REQUIRE(der);
  const Folder folder;
  const std::filesystem::path to = kept != nullptr ? kept : folder / "";
  write(to / "ca.pem", ca().authority.pem);
  write(to / (name + ".pem"), to_pem("CERTIFICATE", *der));
  const std::string file = (to / (name + ".pem")).string();
  const auto verified =
      run("openssl verify -x509_strict -attime " + std::to_string(instant.whole_seconds() + 60) +
          " -CAfile " + (to / "ca.pem").string() + ' ' + file);
  INFO(verified.output);
  CHECK(verified.exit_code == 0);
  return run("openssl x509 -noout -text -nameopt utf8,sep_comma_plus -in " + file).output;
}
std::string issued(const std::string& name, const std::string& spec_json, const Ask& ask,
                   std::vector<std::string> usages = {"digital signature", "server auth"}) {
  return issued(name, own_profile(spec_json), own_spec(ask.pem(), std::move(usages)));
}

Ask web() {
  Ask ask;
  ask.names.dns = {"a.shop.example.com"};
  return ask;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a TLS server's certificate of an own signer", "[issued]") {
  Ask ask;
  ask.subject = {
      {NID_countryName, "DE"}, {NID_organizationName, "Werkst\xc3\xa4tte"}, {NID_commonName, "shop"}};
  ask.names = {.dns = {"A.Shop.Example.com.", "a.shop.example.com", "b.example.com"},
               .email = {"jane@Example.com"},
               .uri = {"https://example.com/web"},
               .ip = {address("10.1.2.3"), address("2001:db8::1")}};
  const std::string text = issued("server", "{}", ask);
  CHECK(has(text, "Subject: C=DE,O=Werkst\xc3\xa4tte,CN=shop"));
  CHECK(has(text,
            "X509v3 Subject Alternative Name: \n"
            "                DNS:a.shop.example.com, DNS:b.example.com, email:jane@example.com, IP "
            "Address:10.1.2.3, IP Address:2001:DB8:0:0:0:0:0:1, URI:https://example.com/web\n"));
  CHECK(has(text, "X509v3 Key Usage: critical\n                Digital Signature\n"));
  CHECK(has(text, "X509v3 Extended Key Usage: \n                TLS Web Server Authentication\n"));
  CHECK(has(text, "X509v3 Basic Constraints: critical\n                CA:FALSE\n"));
  CHECK(has(text, "X509v3 Subject Key Identifier: \n"));
  CHECK(has(text, "X509v3 Authority Key Identifier: \n"));
}

// Not for linters: one of them takes neither stars nor SPIFFE identities for names of RFC 5280.
TEST_CASE("wildcard names and SPIFFE identities are issued") {
  Ask ask;
  ask.names = {.dns = {"*.b.example.com"}, .uri = {"spiffe://example.com/web"}};
  CHECK(has(issued("wildcard", "{}", ask), "DNS:*.b.example.com, URI:spiffe://example.com/web\n"));
}

TEST_CASE("every kind of key is certified, with the usages that it can serve", "[issued]") {
  const char* spec = R"({"usages": {"added": ["digital signature", "key encipherment"]}})";
  struct Case {
    const char* name;
    KeyPtr key;
    bool encipherment;
  };
  const Case cases[] = {{"rsa-2048", rsa_key(2048), true},
                        {"rsa-3072", rsa_key(3072), true},
                        {"p-384", ec_key("P-384"), false},
                        {"p-521", ec_key("P-521"), false},
                        {"ed25519", generate_ed25519(), false}};
  for (const Case& c : cases) {
    INFO(c.name);
    Ask ask = web();
    ask.key = KeyPtr((EVP_PKEY_up_ref(c.key.get()), c.key.get()));
    const std::string text = issued(c.name, spec, ask, {"client auth"});
    CHECK(has(text, "Digital Signature"));
    CHECK(has(text, "Key Encipherment") == c.encipherment);
    CHECK(has(text, "TLS Web Client Authentication"));
  }
}

TEST_CASE("a dropped subject leaves critical names, and only usages that were asked for", "[issued]") {
  Ask ask = web();
  ask.subject = {{NID_commonName, "jane"}, {NID_dnQualifier, "1", V_ASN1_PRINTABLESTRING}};
  const std::string text = issued("dropped", R"({"subject": "drop"})", ask, {"client auth"});
  CHECK(has(text, "Subject: \n"));
  CHECK(has(text, "X509v3 Subject Alternative Name: critical"));
  CHECK_FALSE(has(text, "X509v3 Key Usage"));
}

// Two values of one relative name are a SET OF: their order is that of their bytes.
TEST_CASE("a subject keeps its order and gets the string types of RFC 5280", "[issued]") {
  Ask ask = web();
  ask.subject = {{NID_domainComponent, "com", V_ASN1_UTF8STRING},
                 {NID_domainComponent, "example", V_ASN1_IA5STRING},
                 {NID_organizationName, "B"},
                 {NID_organizationName, "A", V_ASN1_UTF8STRING, true},
                 {NID_serialNumber, "7"},
                 {NID_userId, "jane"},
                 {NID_commonName, std::string("\0J\0\xe4", 4), V_ASN1_BMPSTRING}};
  const std::string text = issued("subject", "{}", ask);

  CHECK(has(text, "Subject: DC=com,DC=example,O=A,O=B,serialNumber=7,UID=jane,CN=J\xc3\xa4\n"));
}

TEST_CASE("requested extensions that the signer names are issued, others are left out", "[issued]") {
  Ask ask = web();
  ask.extensions = {{"1.3.6.1.5.5.7.1.24", false, engine::Bytes("\x30\x03\x02\x01\x05", 5)},
                    {"1.3.6.1.4.1.55555.1", false, engine::Bytes("\x0c\x01z", 3)}};
  const std::string text = issued("stapled", R"({"extensions": ["tlsfeature"]})", ask);
  CHECK(has(text, "TLS Feature: \n                status_request"));
  CHECK_FALSE(has(text, "55555"));
}

TEST_CASE("certificates for mail, code and time stamps", "[issued]") {
  const char* spec =
      R"({"usages": {"permitted": ["digital signature", "content commitment", "email protection",
                                                  "code signing", "timestamping"]}})";
  Ask mail;
  mail.names.email = {"jane@example.com"};
  CHECK(has(issued("mail", spec, mail, {"digital signature", "content commitment", "email protection"}),
            "E-mail Protection"));
  CHECK(has(issued("code", spec, web(), {"digital signature", "code signing"}), "Code Signing"));
  CHECK(has(issued("stamps", spec, web(), {"digital signature", "timestamping"}),
            "X509v3 Extended Key Usage: critical\n                Time Stamping"));
}

TEST_CASE("a lifetime counts both ends, is backdated by at most a tenth, and never outlives the CA") {
  const auto profile = own_profile(R"({"lifetime": {"default": "30d", "max": "47d"}, "backdate": "5m"})");
  const auto lasts = [](const engine::Draft& made) {
    return made.not_after - made.not_before + engine::seconds(1);
  };
  engine::CsrSpec spec = own_spec(web().pem());
  const engine::Draft usual = draft(profile, spec);
  CHECK(usual.not_before == noon.cut_to_seconds() - engine::seconds(300));
  CHECK(lasts(usual) == engine::seconds(30 * day));
  CHECK(usual.profile == "example.com/web");
  CHECK(usual.profile_hash == profile.hash);
  CHECK(usual.clock == noon);
  spec.expiration_seconds = 600;
  const engine::Draft brief = draft(profile, spec);
  CHECK(brief.not_before == noon.cut_to_seconds() - engine::seconds(60));
  CHECK(lasts(brief) == engine::seconds(600));
  spec.expiration_seconds = static_cast<std::int32_t>(90 * day);
  CHECK(lasts(draft(profile, spec)) == engine::seconds(47 * day));
  CHECK(lasts(draft(profile, spec, {.at_most = engine::seconds(7 * day)})) == engine::seconds(7 * day));
  const auto forever = own_profile(R"({"lifetime": {"default": "36500d", "max": "36500d"}})");
  spec.expiration_seconds.reset();
  CHECK(draft(forever, spec).not_after == ca().authority.not_after);
  const auto after_the_end =
      draft_for(profile, ca().authority, spec, ca().authority.not_after, counting(1), {});
  CHECK(std::holds_alternative<engine::NotNow>(after_the_end));
}

TEST_CASE("a signer signs only what was approved after it was made") {
  const auto profile = own_profile("{}", {10});
  const engine::CsrSpec spec = own_spec(web().pem());
  CHECK(std::holds_alternative<engine::NotNow>(drafted(profile, spec, {.approved_at = {9}})));
  CHECK(std::holds_alternative<engine::Draft>(drafted(profile, spec, {.approved_at = {11}})));
  CHECK(std::holds_alternative<engine::Draft>(drafted(profile, spec)));
}

TEST_CASE("what a request may not have is found again before signing") {
  CHECK(unfit(own_profile(R"({"names": {"dns": false}})"), own_spec(web().pem())) ==
        "DNS name a.shop.example.com: signer example.com/web takes none of this kind");
  CHECK(unfit(own_profile("{}"), own_spec(Ask{}.pem())) ==
        "the subject is empty and there is no alternative name");
  CHECK(unfit(own_profile("{}"), own_spec("no PEM")) == "PEM block type must be CERTIFICATE REQUEST");
}

// ---- lints ------------------------------------------------------------------------------------------------

namespace {

/// The fields of a certificate that lints clean, for one of them to be made wrong.
struct Linted {
  SignerProfile profile = own_profile("{}");
  LeafFields fields;

  explicit Linted(const KeyPtr& key = generate_p256()) {
    fields.serial = serial_from(counting(1));
    fields.algorithm = ca().authority.algorithm;
    fields.issuer = ca().authority.subject;
    fields.authority_key_id = ca().authority.key_id;
    fields.subject = engine::Bytes("\x30\x00", 2);
    fields.spki = spki_of(*key);
    fields.subject_key_id = key_identifier(fields.spki);
    fields.names.dns = {"a.example.com"};
    fields.usages = key_usages(std::vector<std::string>{"digital signature", "server auth"});
    fields.validity = {noon.cut_to_seconds(), noon.cut_to_seconds() + engine::seconds(day - 1)};
  }
  std::string finding() const {
    return lint_own_leaf(leaf_tbs(fields), fields, profile, ca().authority, engine::seconds(day))
        .value_or("");
  }
};

}  // namespace

TEST_CASE("a certificate that is as it should be has no finding") {
  CHECK(Linted().finding().empty());
}

TEST_CASE("lints find what is wrong with a certificate from its bytes") {
  Linted wrong;
  SECTION("lifetime") {
    wrong.fields.validity.not_after = wrong.fields.validity.not_after + engine::seconds(1);
    CHECK(wrong.finding() == "the certificate would be valid for longer than allowed");
  }
  SECTION("key identifier") {
    wrong.fields.subject_key_id = "wrong";
    CHECK(wrong.finding() == "the subject key identifier is not that of the key");
  }
  SECTION("issuer's key identifier") {
    wrong.fields.authority_key_id = "wrong";
    CHECK(wrong.finding() == "the authority key identifier is not the CA's");
  }
  SECTION("names") {
    wrong.fields.names.dns = {"A.example.com"};
    CHECK(wrong.finding() == "the alternative names are not in canonical form, or one appears twice");
    wrong.fields.names.dns = {"a.example.com", "a.example.com"};
    CHECK(wrong.finding() == "the alternative names are not in canonical form, or one appears twice");
  }
  SECTION("kinds of names") {
    wrong.profile = own_profile(R"({"names": {"ip": true}})");
    CHECK(wrong.finding() ==
          "there is an alternative name of a kind that signer example.com/web does not take");
  }
  SECTION("constraints") {
    wrong.profile = own_profile(R"({"names": {"constraints": {"excluded": {"dns": ["example.com"]}}}})");
    CHECK(wrong.finding() == "DNS name a.example.com is excluded by example.com");
  }
  SECTION("usages of a CA") {
    wrong.fields.usages = key_usages(std::vector<std::string>{"cert sign"});
    CHECK(wrong.finding() == "the key usage is that of a CA");
  }
  SECTION("usages that the key cannot serve") {
    wrong.fields.usages = key_usages(std::vector<std::string>{"key encipherment"});
    CHECK(wrong.finding() == "usage \"key encipherment\" is nothing that the request's ECDSA key can do");
  }
  SECTION("extensions") {
    wrong.fields.further = {{"1.2.3.4", false, engine::Bytes("\x30\x00", 2)}};
    CHECK(wrong.finding() == "extension 1.2.3.4 has no place in a certificate of this signer");
    wrong.profile = own_profile(R"({"extensions": ["1.2.3.4"]})");
    CHECK(wrong.finding() == "extension 1.2.3.4 is empty");
    wrong.fields.further.front().value = "\x30";
    CHECK(wrong.finding() == "extension 1.2.3.4 is malformed");
  }
  SECTION("the key") {
    Linted small(rsa_key(1024));
    CHECK(small.finding() == "the RSA key is too small for this signer");
  }
  SECTION("the subject's strings") {
    Subject printable;
    printable.common_name = "jane";
    wrong.fields.subject = encode_subject(printable);
    CHECK(wrong.finding() == "a subject attribute has not the string type of RFC 5280 A.1");
  }
}

// ---- which signers are in force ---------------------------------------------------------------------------

namespace {

engine::ConfigEvent applied(const char* uid, const std::string& spec) {
  engine::Applied event{"Signer", "", {}};
  event.object.meta.name = "example.com:web";
  event.object.meta.uid = {uid};
  event.object.body = std::make_shared<const std::string>(R"({"spec":)" + spec + '}');
  return event;
}

const engine::SignerName web_signer{"example.com/web"};
const engine::StreamId web_stream{"signer/example.com%2Fweb"};

/// Holds nothing; the history is added to.
struct NoEvents : engine::EventReader {
  engine::Position head() override { return {}; }
  std::vector<engine::StoredEvent> after(engine::Position, std::size_t) override { return {}; }
  std::vector<engine::StoredEvent> stream(const engine::StreamId&, engine::Version) override { return {}; }
  std::vector<engine::StoredEvent> category(std::string_view) override { return stored; }
  std::vector<engine::StoredEvent> stored = {};
};

std::shared_ptr<const engine::Batch> committed(std::uint64_t position, const engine::ConfigEvent& event) {
  engine::Batch batch(1);
  batch[0].stamp.position = {position};
  batch[0].stamp.stream = web_stream;
  batch[0].event = std::make_shared<const engine::Event>(event);
  return std::make_shared<const engine::Batch>(std::move(batch));
}

}  // namespace

TEST_CASE("what was in force is known for every position") {
  SignerHistory history;
  history.add(web_stream, {10}, applied("a", R"({"backdate": "1m"})"));
  history.add(web_stream, {20}, applied("a", R"({"backdate": "2m"})"));
  history.add(web_stream, {30}, engine::ConfigDeleted{"Signer", {"a"}});
  history.add(web_stream, {40}, applied("b", "{}"));
  CHECK(history.at(web_signer, {9}) == nullptr);
  CHECK(history.at(web_signer, {10})->spec.backdate == engine::seconds(60));
  CHECK(history.at(web_signer, {29})->spec.backdate == engine::seconds(120));
  CHECK(history.at(web_signer, {29})->since == engine::Position{10});
  CHECK(history.at(web_signer, {29})->applied == engine::Position{20});
  CHECK(history.at(web_signer, {30}) == nullptr);
  CHECK(history.now(web_signer)->since == engine::Position{40});
  CHECK(history.all().size() == 1);
  CHECK(history.now({"example.com/mail"}) == nullptr);
}

TEST_CASE("the issuer serves a Signer from its commit to its deletion") {
  NoEvents log;
  engine::StoredEvent stored;
  stored.position = {5};
  stored.stream = {"signer/example.com%2Fmail"};
  stored.type = "applied";
  stored.data = engine::encode(engine::Event(applied("m", R"({"lifetime": {"max": "1d"}})")));
  log.stored = {stored};
  SignerBook book(log);
  const signer::Issuer issuer(ca().authority, {}, {}, book);
  CHECK(issuer.serves({"example.com/mail"}));
  CHECK(issuer.lifetime({"example.com/mail"}, std::nullopt) == engine::seconds(day));
  CHECK(issuer.serves({"kubernetes.io/kubelet-serving"}));
  CHECK_FALSE(issuer.serves(web_signer));
  book.committed(committed(10, applied("a", "{}")));
  REQUIRE(issuer.serves(web_signer));
  CHECK(issuer.lifetime(web_signer, 3600) == engine::seconds(3600));
  const auto made = issuer.draft(own_spec(web().pem()), noon, counting(1), {.approved_at = {11}});
  CHECK(std::get<engine::Draft>(made).profile == "example.com/web");
  book.committed(committed(12, engine::ConfigDeleted{"Signer", {"a"}}));
  CHECK_FALSE(issuer.serves(web_signer));
  CHECK(std::holds_alternative<engine::NotNow>(
      issuer.draft(own_spec(web().pem()), noon, counting(1), {.approved_at = {13}})));
}

TEST_CASE("the built-in signers are Signers that can be read") {
  const auto signers = built_in_signers({});
  REQUIRE(signers.size() == 4);
  CHECK(signers[2].name.text == "kubernetes.io/kubelet-serving");
  CHECK(
      signers[2].spec_json ==
      R"({"usages":{"permitted":["digital signature","key encipherment","server auth"]},"subject":"request",)"
      R"("names":{"dns":true,"ip":true,"email":false,"uri":false},)"
      R"("keys":{"algorithms":["RSA","ECDSA","Ed25519"],"minRSA":1024,"curves":["P-256","P-384","P-521"]},)"
      R"("lifetime":{"default":"365d","max":"365d"},"backdate":"5m","review":{"separateFromRequester":false}})");
  for (const auto& one : signers) {
    CHECK(one.hash.size() == 64);
    // RSA from 1024 bits on is all that a signer of one's own could not have.
    const auto read = read_signer_spec(one.spec_json);
    for (const auto& problem : read ? engine::FieldProblems{} : read.error())
      CHECK((problem.path == "spec.keys.minRSA" || problem.path.starts_with("spec.usages.permitted")));
  }
}

TEST_CASE("Signer objects say the longest lifetime, the built-in ones too, whatever it was set to") {
  SigningDurations durations;
  durations.by_signer[{"kubernetes.io/kube-apiserver-client"}] = engine::seconds(30);
  const auto signers = built_in_signers(durations);
  const auto body = [](const std::string& spec) { return R"({"spec":)" + spec + '}'; };
  CHECK(longest_lifetime("kubernetes.io:kube-apiserver-client", body(signers[0].spec_json)) ==
        engine::seconds(30) + backdating);
  CHECK(longest_lifetime("kubernetes.io:legacy-unknown", body(signers[3].spec_json)) ==
        default_signing_duration + backdating);
  CHECK(longest_lifetime("example.com:web", body(R"({"lifetime":{"max":"48h"},"backdate":"1m"})")) ==
        engine::seconds(48 * 3600 + 60));
  CHECK_FALSE(longest_lifetime("example.com:web", body(signers[3].spec_json)));
  CHECK_FALSE(longest_lifetime("kubernetes.io:legacy-unknown", R"({"spec":{"lifetime":{"max":"soon"}}})"));
  CHECK_FALSE(longest_lifetime("kubernetes.io:legacy-unknown", "["));
}
