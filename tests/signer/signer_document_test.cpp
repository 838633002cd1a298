// Signers as people write them: what is read, what is refused in which words, and what stays equal.
#include "signer/signer_document.hpp"

#include <algorithm>

#include "signer/signer_name.hpp"
#include "tests/catch.hpp"

using namespace csrflow;
using namespace csrflow::signer;

namespace {

SignerSpec spec_of(const std::string& json) {
  const auto spec = read_signer_spec(json);
  for (const auto& problem : spec ? engine::FieldProblems{} : spec.error())
    FAIL(problem.path + ": " + problem.text);
  return *spec;
}

std::string problem_of(const std::string& json) {
  const auto spec = read_signer_spec(json);
  std::string text;
  for (const auto& problem : spec ? engine::FieldProblems{} : spec.error())
    text += (text.empty() ? "" : "\n") + problem.path + ": " + problem.text;
  return text;
}

constexpr std::int64_t day = 86'400;

}  // namespace

TEST_CASE("an empty spec is a signer of TLS certificates") {
  const SignerSpec spec = spec_of("{}");
  CHECK(spec.usages.permitted == std::vector<std::string>{"client auth", "digital signature",
                                                          "key encipherment", "server auth", "signing"});
  CHECK(spec.usages.added.empty());
  CHECK(spec.subject == SubjectRule::request);
  CHECK((spec.names.dns && spec.names.ip && spec.names.email && spec.names.uri));
  CHECK(spec.keys.min_rsa == 2048);
  CHECK(spec.keys.algorithms.size() == 3);
  CHECK(spec.default_lifetime == engine::seconds(90 * day));
  CHECK(spec.max_lifetime == engine::seconds(365 * day));
  CHECK(spec.backdate == engine::seconds(60));
  CHECK(spec.separate_from_requester);
}

TEST_CASE("every field of a spec is read") {
  const SignerSpec spec = spec_of(R"({
    "usages": {"permitted": ["server auth", "digital signature"], "added": ["digital signature"]},
    "subject": "drop",
    "names": {"dns": true, "ip": true,
              "constraints": {"permitted": {"dns": ["Shop.Example.com"], "ip": ["10.0.0.0/8"]},
                              "excluded": {"email": [".example.com"], "uri": ["example.com"]}}},
    "keys": {"algorithms": ["RSA", "ECDSA"], "minRSA": 3072, "curves": ["P-256"]},
    "lifetime": {"default": "30d", "max": "47d"},
    "backdate": "2m", "extensions": ["tlsfeature", "1.2.3.4"],
    "review": {"separateFromRequester": false}, "ca": {}})");
  CHECK(spec.usages.permitted == std::vector<std::string>{"digital signature", "server auth"});
  CHECK(spec.usages.added == std::vector<std::string>{"digital signature"});
  CHECK(spec.subject == SubjectRule::drop);
  CHECK((spec.names.dns && spec.names.ip));
  CHECK_FALSE((spec.names.email || spec.names.uri));
  CHECK(spec.names.permitted.dns == std::vector<std::string>{"shop.example.com"});
  CHECK(spec.names.permitted.ip.front().text() == "10.0.0.0/8");
  CHECK(spec.names.excluded.email == std::vector<std::string>{".example.com"});
  CHECK(spec.keys.algorithms == std::vector{KeyAlgorithm::ecdsa, KeyAlgorithm::rsa});
  CHECK(spec.keys.min_rsa == 3072);
  CHECK(spec.keys.curves == std::vector<std::string>{"P-256"});
  CHECK(spec.default_lifetime == engine::seconds(30 * day));
  CHECK(spec.max_lifetime == engine::seconds(47 * day));
  CHECK(spec.backdate == engine::seconds(120));
  CHECK(spec.extensions == std::vector<std::string>{"1.2.3.4", "1.3.6.1.5.5.7.1.24"});
  CHECK_FALSE(spec.separate_from_requester);
}

TEST_CASE("kinds of names that are not written are taken, unless one is written true") {
  CHECK(spec_of(R"({"names": {"email": false}})").names.dns);
  CHECK_FALSE(spec_of(R"({"names": {"email": false}})").names.email);
  CHECK_FALSE(spec_of(R"({"names": {"dns": true}})").names.ip);
  CHECK(spec_of(R"({"names": {"constraints": {}}})").names.uri);
}

TEST_CASE("what is wrong with a spec is said with the field's path") {
  struct Case {
    const char *json, *problem;
  };
  const auto c = GENERATE(
      Case{R"({"lifetimes": {}})", "spec.lifetimes: is no field; the nearest is lifetime"},
      Case{R"({"keys": {"minRsa": 3072}})", "spec.keys.minRsa: is no field; the nearest is minRSA"},
      Case{R"({"ca": {"key": "hsm"}})", "spec.ca.key: is no field; there is none here yet"},
      Case{R"({"lifetime": {"max": 47}})",
           "spec.lifetime.max: must be a string as 47d or 1d12h, not a number"},
      Case{R"({"lifetime": {"max": "47 days"}})",
           "spec.lifetime.max: a duration is integers with the units s, m, h or d, as 47d or 1d12h"},
      Case{R"({"lifetime": {"default": "48d", "max": "47d"}})",
           "spec.lifetime.default: 48d is longer than spec.lifetime.max, 47d"},
      Case{R"({"lifetime": {"max": "10s"}})", "spec.lifetime.max: must be from 1m to 36500d"},
      Case{R"({"lifetime": {"max": "1h"}, "backdate": "7m"})",
           "spec.backdate: 7m is more than a tenth of spec.lifetime.max, 1h"},
      Case{R"({"usages": {"permitted": ["server-auth"]}})",
           "spec.usages.permitted[0]: \"server-auth\" is no usage; the nearest is \"server auth\""},
      Case{R"({"usages": {"permitted": ["digital signature", "cert sign"]}})",
           "spec.usages.permitted[1]: \"cert sign\" would let the certificate speak for the CA; signers make "
           "no such "
           "certificates"},
      Case{R"({"usages": {"permitted": []}})",
           "spec.usages.permitted: must not be empty: no request could be signed"},
      Case{R"({"subject": "keep"})", "spec.subject: \"keep\" must be one of request, drop"},
      Case{R"({"keys": {"algorithms": ["Ed448"]}})",
           "spec.keys.algorithms[0]: \"Ed448\" must be one of RSA, ECDSA, Ed25519"},
      Case{R"({"keys": {"algorithms": []}})",
           "spec.keys.algorithms: must not be empty; leave it out to take all"},
      Case{R"({"keys": {"minRSA": 1024}})", "spec.keys.minRSA: must be from 2048 to 8192"},
      Case{R"({"names": {"dns": "yes"}})", "spec.names.dns: must be true or false, not a string"},
      Case{R"({"names": {"constraints": {"permitted": {"dns": [".example.com"]}}}})",
           "spec.names.constraints.permitted.dns[0]: \".example.com\" no dot in front: example.com includes "
           "every name "
           "below it"},
      Case{R"({"names": {"constraints": {"permitted": {"ip": ["10.0.0.1/8"]}}}})",
           "spec.names.constraints.permitted.ip[0]: \"10.0.0.1/8\" is no range of addresses: bits of the "
           "host are set"},
      Case{R"({"extensions": ["subjectAltName"]})",
           "spec.extensions[0]: \"subjectAltName\" is not taken from requests: csrflow sets it"},
      Case{R"({"extensions": ["no such"]})",
           "spec.extensions[0]: \"no such\" is no extension that is known by name; write its OID, as "
           "1.3.6.1.5.5.7.1.24"},
      Case{R"({"review": true})", "spec.review: must be an object, not a boolean"},
      Case{R"([])", "spec: must be an object, not a list"},
      Case{R"({"subject": "drop", "subject": "request"})", "spec.subject: appears twice"});
  CHECK(problem_of(c.json) == c.problem);
}

TEST_CASE("all that is wrong is said at once, and what is no JSON is an error, too") {
  CHECK(problem_of(R"({"subject": 1, "backdate": "x", "nams": {}})") ==
        "spec.subject: must be a string, not a number\n"
        "spec.backdate: a duration is integers with the units s, m, h or d, as 47d or 1d12h\n"
        "spec.nams: is no field; the nearest is names");
  CHECK_FALSE(problem_of("{").empty());
  CHECK_FALSE(read_signer_body("[]"));
  CHECK(read_signer_body(R"({"spec":{}})"));
  const auto without = read_signer_body(R"({"status":{}})");
  REQUIRE_FALSE(without);
  CHECK(without.error() == engine::FieldProblems{{"status", "is no field of a Signer; the nearest is spec"},
                                                 {"spec", "is missing; an empty one takes all defaults"}});
}

TEST_CASE("documents that mean the same have one hash, others another") {
  const std::string hash = hash_of(spec_of("{}"));
  CHECK(hash.size() == 64);
  CHECK(hash_of(spec_of(R"({"backdate": "60s", "lifetime": {"max": "364d24h", "default": "2160h"}})")) ==
        hash);
  CHECK(hash_of(spec_of(R"({"names": {"dns": true, "ip": true, "email": true, "uri": true}, "ca": {}})")) ==
        hash);
  CHECK(hash_of(spec_of(R"({"keys": {"curves": ["P-521", "P-384", "P-256", "P-256"]}})")) == hash);
  CHECK(hash_of(spec_of(R"({"backdate": "61s"})")) != hash);
}

TEST_CASE("the canonical form is a spec that means the same") {
  const SignerSpec spec = spec_of("{}");
  CHECK(canonical_json(spec).starts_with(R"({"backdate":60,"ca":{},"extensions":[],"keys":{"algorithms":)"));
}

TEST_CASE("every field is described") {
  const auto fields = describe_signer_spec();
  std::vector<std::string> names;
  for (const auto& field : fields) {
    names.push_back(field.name);
    CHECK_FALSE(field.description.empty());
  }
  CHECK(names == std::vector<std::string>{"usages", "subject", "names", "keys", "lifetime", "backdate",
                                          "extensions", "review", "ca"});
  CHECK(fields[1].choices == std::vector<std::string>{"request", "drop"});
  CHECK(fields[3].fields[1].type == "integer");
}

TEST_CASE("a request's lifetime is the smaller of what it asks for and the maximum") {
  const SignerSpec spec = spec_of(R"({"lifetime": {"default": "30d", "max": "47d"}})");
  CHECK(resolved_lifetime(spec, std::nullopt) == engine::seconds(30 * day));
  CHECK(resolved_lifetime(spec, 600) == engine::seconds(600));
  CHECK(resolved_lifetime(spec, static_cast<std::int32_t>(90 * day)) == engine::seconds(47 * day));
}

TEST_CASE("a Signer is named like its signer, with a colon for the slash") {
  CHECK(object_name_of({"example.com/web"}) == "example.com:web");
  CHECK(signer_of_object("example.com:web")->text == "example.com/web");
  CHECK(stream_of_signer({"example.com/web"}).text == "signer/example.com%2Fweb");
  CHECK(stream_of_signer({"example.com/web"}).name() == "example.com/web");
  for (const char* bad : {"example.com/web", "web", "example.com:", ":web", "com:web", "Example.com:web",
                          "example.com:web:x", "example..com:web", "example.com:-web", "example.com:a_b", ""})
    CHECK_FALSE(signer_of_object(bad));
  CHECK(signer_of_object("kubernetes.io:kubelet-serving"));
  CHECK_FALSE(own_signer_of_object("kubernetes.io:web"));
  CHECK_FALSE(own_signer_of_object("a.kubernetes.io:web"));
  CHECK(own_signer_of_object("notkubernetes.io:web"));
  CHECK_FALSE(parse_signer_name("example.com/" + std::string(600, 'a')));
}
