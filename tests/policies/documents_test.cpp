#include "policies/document.hpp"
#include "policies/field_codec.hpp"
#include "tests/catch.hpp"
#include "tests/policies/asking.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

const std::string head = "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: web }\nspec:\n";

std::string refused(const std::string& spec, const std::string& before = head) {
  const PolicyFile file = read_policy_yaml(before + spec);
  CHECK(file.policies.empty());
  if (file.problems.empty()) return "nothing was wrong";
  const Problem& problem = file.problems.front();
  return problem.code + ' ' + problem.path + ": " + problem.text;
}

}  // namespace

TEST_CASE("an unknown field is an error that names the nearest known one") {
  CHECK(refused("  outcome: approve\n  match: { signernames: [a/b] }\n") ==
        "E01 spec.match.signernames: unknown field signernames; the nearest known one is signerNames");
  CHECK(refused("  outcome: next\n  requires: {}\n") ==
        "E01 spec.requires: unknown field requires; the nearest known one is require");
  CHECK(refused("  outcome: next\n  require: { names: { dns: { alowed: [] } } }\n") ==
        "E01 spec.require.names.dns.alowed: unknown field alowed; the nearest known one is allowed");
  CHECK(refused("  outcome: next\n  cases: [ { name: a, request: { dsn: [a] }, expect: next } ]\n") ==
        "E01 spec.cases[0].request.dsn: unknown field dsn; the nearest known one is dns");
  CHECK(refused("  outcome: next\n", "extra: 1\n" + head).starts_with("E01 extra: "));
}

TEST_CASE("what is wrong has a code, a path and a line") {
  const std::pair<const char*, const char*> all[] = {
      {"  outcome: next\n  outcome: deny\n", "E02 : the key outcome is there twice"},
      {"  outcome: &a next\n", "E02 : an anchor"},
      {"  outcome: next\n  description: *a\n", "E"},
      {"  outcome: !!str next\n", "E02 : the tag"},
      {"  outcome: next\n  <<: { priority: 1 }\n", "E02 : a merge key"},
      {"  outcome: next\n  require: { names: { dns: { allowed: ['*.*.a'] } } }\n",
       "E03 spec.require.names.dns.allowed[0]: *.*.a: a star is allowed in the first label only"},
      {"  outcome: next\n  require: { names: { dns: { allowed: ['xn--*.a'] } } }\n",
       "E03 spec.require.names.dns.allowed[0]"},
      {"  outcome: next\n  require: { names: { ip: { allowed: [10.0.0.1/8] } } }\n",
       "E04 spec.require.names.ip.allowed[0]: 10.0.0.1/8: bits of the host are set"},
      {"  outcome: next\n  require: { subject: { commonName: { values: ['a('], match: regex } } }\n",
       "E05 spec.require.subject.commonName.values[0]"},
      {"  outcome: next\n  match: { requesters: { usersMatch: '((a{100}){100}){10}' } }\n",
       "E05 spec.match.requesters.usersMatch"},
      {"  outcome: next\n  match: { signerNames: [] }\n", "E06 spec.match.signerNames"},
      {"  outcome: next\n  match: { requesters: { groups: [] } }\n", "E06 spec.match.requesters.groups"},
      {"  outcome: next\n  require: { names: { min: 3, max: 2 } }\n",
       "E07 spec.require.names: min 3 is above max 2"},
      {"  outcome: next\n  require: { lifetime: { min: 2d, max: 1d } }\n", "E07 spec.require.lifetime"},
      {"  outcome: next\n  require: { usages: { allowed: [client auth], required: [server auth] } }\n",
       "E07 spec.require.usages: \"server auth\" is required but not allowed"},
      {"  outcome: next\n  require: { usages: { exactly: [client auth], required: [client auth] } }\n",
       "E07 spec.require.usages"},
      {"  outcome: next\n  require: { at: { timeZone: Europe/Atlantis, windows: ['08:00-09:00'] } }\n",
       "E08 spec.require.at.timeZone: Europe/Atlantis: the tz database has no zone Europe/Atlantis"},
      {"  outcome: next\n  require: { at: { timeZone: UTC, windows: ['08:00-08:00'] } }\n",
       "E08 spec.require.at.windows[0]"},
      {"  outcome: next\n  require: { at: { timeZone: UTC, windows: [] } }\n", "E08 spec.require.at.windows"},
      {"  outcome: review\n", "E09 spec.review: a review needs approvers"},
      {"  outcome: review\n  review: { approvers: [] }\n", "E09 spec.review.approvers"},
      {"  outcome: review\n  review: { approvers: [ { groups: [a], count: 0 } ] }\n",
       "E09 spec.review.approvers[0].count"},
      {"  outcome: review\n  review: { approvers: [ { count: 1 } ] }\n", "E09 spec.review.approvers[0]"},
      {"  outcome: approve\n  otherwise: approve\n", "E10 spec.otherwise"},
      {"  outcome: next\n  match: { rotation: never }\n  require: { predecessor: {} }\n",
       "E11 spec.require.predecessor"},
      {"  outcome: approve\n  require: { lifetime: { min: 2d } }\n  obligations: { shortenLifetimeTo: 1d }\n",
       "E13 spec.obligations.shortenLifetimeTo"},
      {"  outcome: maybe\n", "E14 spec.outcome: must be one of approve, deny, review, next"},
      {"  priority: 1\n", "E14 spec.outcome: must be one of"},
      {"  outcome: next\n  priority: 1001\n", "E14 spec.priority: must be -1000 to 1000"},
      {"  outcome: next\n  priority: high\n", "E14 spec.priority: must be an integer, not a string"},
      {"  outcome: next\n  require: { lifetime: { max: 47 } }\n",
       "E14 spec.require.lifetime.max: must be a string, not a number"},
      {"  outcome: next\n  require: { lifetime: { max: 4 weeks } }\n",
       "E14 spec.require.lifetime.max: 4 weeks: "},
      {"  outcome: next\n  require: { rate: { perName: 5 } }\n", "E14 spec.require.rate.perName"},
      {"  outcome: next\n  require: { usages: { allowed: [serverauth] } }\n",
       "E14 spec.require.usages.allowed: \"serverauth\" is no usage; the nearest is \"server auth\""},
      {"  outcome: next\n  require: { key: { curves: [P-255] } }\n", "E14 spec.require.key.curves"},
      {"  outcome: next\n  match: { signerNames: ['exa*/web'] }\n", "E14 spec.match.signerNames[0]"},
      {"  outcome: next\n  require: { extensions: { allowed: [nothing] } }\n",
       "E14 spec.require.extensions.allowed"},
      {"  outcome: next\n  obligations: { labels: { 'a b': c } }\n", "E14 spec.obligations.labels"},
      {"  outcome: next\n  cases: [ { name: a, expect: person } ]\n", "E14 spec.cases[0].expect"},
      {"  outcome: next\n  cases: [ { name: a, expect: next, request: { key: DSA } } ]\n",
       "E14 spec.cases[0].request.key"},
  };
  for (const auto& [spec, wanted] : all) {
    CAPTURE(spec);
    const std::string got = refused(spec);
    CAPTURE(got);
    CHECK(got.starts_with(wanted));
  }
  CHECK(refused("  outcome: next\n  description: \xff\n").starts_with("E14 : no YAML: it is not UTF-8"));
  CHECK(refused("  outcome: next\n}\n").starts_with("E14 : no YAML"));
  CHECK(refused("  outcome: next\n", "apiVersion: v1\nkind: ApprovalPolicy\nmetadata: { name: web }\nspec:\n")
            .starts_with("E14 apiVersion"));
  CHECK(refused("  outcome: next\n",
                "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: Web }\nspec:\n")
            .starts_with("E14 metadata.name"));
  const PolicyFile file =
      read_policy_yaml(head + "  outcome: next\n  match:\n    labels:\n      matchlabels: {}\n");
  REQUIRE(file.problems.size() == 1);
  CHECK(file.problems[0].line == 8);
  CHECK(file.problems[0].policy == "web");
}

TEST_CASE("all errors are reported, and good documents of a file stand beside bad ones") {
  const PolicyFile file =
      read_policy_yaml(head + "  outcome: maybe\n  priority: 2000\n---\n" + head + "  outcome: next\n---\n");
  CHECK(file.policies.size() == 1);
  REQUIRE(file.problems.size() == 2);
  CHECK(file.problems[0].path == "spec.outcome");
  CHECK(file.problems[1].path == "spec.priority");
}

TEST_CASE("the limits of a document hold") {
  std::string many = "  outcome: next\n  require: { names: { dns: { allowed: [";
  for (std::size_t i = 0; i <= max_patterns; ++i) many += "a" + std::to_string(i) + ".b,";
  CHECK(refused(many + "] } } }\n").find("more than 1000 patterns") != std::string::npos);
  CHECK(refused("  outcome: next\n  description: " + std::string(1025, 'a') + '\n')
            .starts_with("E14 spec.description"));
  CHECK(refused("  outcome: next\n  description: " + std::string(max_document_bytes, 'a') + '\n')
            .find("256 KiB") != std::string::npos);
  std::string cases = "  outcome: next\n  cases:\n";
  for (std::size_t i = 0; i <= max_cases; ++i) cases += "  - { name: a, expect: next }\n";
  CHECK(refused(cases).find("more than 200 cases") != std::string::npos);
  std::string deep = head + "  outcome: ";
  for (int i = 0; i < 100'000; ++i) deep += '[';
  CHECK_FALSE(read_policy_yaml(deep).problems.empty());
  CHECK_FALSE(read_policy_json(deep.substr(head.size() + 11)));
}

TEST_CASE("a hash is equal for documents that say the same") {
  const PolicyPtr plain = policy_of(head +
                                    "  outcome: next\n  require: { lifetime: { max: 2d }, names: { dns: { "
                                    "allowed: [bücher.example] } } }\n");
  const PolicyPtr written = policy_of(R"(
kind: ApprovalPolicy
apiVersion: csrflow.io/v1
metadata: { labels: { a: b }, name: web }
spec:
  suspended: false
  priority: 0
  require:
    names: { unlisted: none, min: 0, dns: { wildcards: false, min: 0, denied: [], allowed: [XN--BCHER-KVA.example.] } }
    lifetime: { max: 48h }
    usages: { required: [] }
    key: { notReusedBy: "" }
  outcome: next
  otherwise: next
  match: { rotation: any, requestedBy: any, labels: {}, requesters: { notUsers: [] } }
  obligations: { labels: {}, notify: [], requireRekey: false }
  description: ""
  cases: []
)");
  CHECK(plain->canonical == written->canonical);
  CHECK(plain->hash == written->hash);
  CHECK(plain->hash.size() == 64);
  CHECK(policy_of(head + "  outcome: deny\n")->hash != policy_of(head + "  outcome: next\n")->hash);
  // An empty list of allowed names is not the same as none.
  CHECK(policy_of(head + "  outcome: next\n  require: { names: { dns: { allowed: [] } } }\n")->hash !=
        policy_of(head + "  outcome: next\n  require: { names: { dns: {} } }\n")->hash);
}

TEST_CASE("JSON and YAML are read alike, and the canonical form is a document with other durations") {
  const PolicyPtr web = example("web-servers");
  const auto from_json = read_policy_json(
      json_text(read_yaml_trees(file_text("policies/examples/web-servers.yaml")).documents.at(0)));
  REQUIRE(from_json);
  CHECK((*from_json)->hash == web->hash);
  CHECK(web->canonical.starts_with(
      R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy","metadata":{"name":"web-servers"},"spec":{"cases":[)"));
  CHECK(web->canonical.find(R"("lifetime":{"max":4060800,"min":600})") != std::string::npos);
  const auto twice = read_policy_json(R"({"apiVersion":"csrflow.io/v1","apiVersion":"csrflow.io/v1"})");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().front().code == "E02");
  // What the API stores is the object with more metadata.
  CHECK(read_policy_json(R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy",
    "metadata":{"name":"a","uid":"1","creationTimestamp":null},"spec":{"outcome":"next","match":null},"status":{}})"));
}

TEST_CASE("a document is UTF-8") {
  const std::string head = "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: a }\n";
  CHECK(policy_of("\xef\xbb\xbf" + head + "spec: { outcome: next, description: caf\u00e9 }\n")->name == "a");
  const PolicyFile latin = read_policy_yaml(head + "spec: { outcome: next, description: caf\xe9 }\n");
  CHECK(latin.policies.empty());
  REQUIRE(latin.problems.size() == 1);
  CHECK(sentence(latin.problems.front()) == "E14 no YAML: it is not UTF-8, or holds a byte 0");
}

TEST_CASE("the schema names every field with its type") {
  const auto fields = describe_spec();
  const auto find = [](const std::vector<FieldDescription>& list, std::string_view name) {
    const auto found = std::ranges::find(list, name, &FieldDescription::name);
    REQUIRE(found != list.end());
    CHECK_FALSE(found->description.empty());
    return *found;
  };
  CHECK(find(fields, "outcome").choices == Strings{"approve", "deny", "review", "next"});
  const auto dns = find(find(find(fields, "require").fields, "names").fields, "dns");
  CHECK(find(dns.fields, "allowed").type == "array of string");
  CHECK(find(find(fields, "review").fields, "approvers").type == "array of object");
}

TEST_CASE("case requests have the documented defaults") {
  const auto people = example("people");
  const auto facts = read_request_json("{}", people.get());
  REQUIRE(facts);
  CHECK(facts->requester.user == "case-user");
  CHECK(facts->requester.by == csrflow::engine::Authentication::oidc);
  CHECK(facts->signer_name == "example.com/people");
  CHECK(facts->lifetime == *parse_duration("12h"));
  CHECK(facts->key.curve == "P-256");
  CHECK(csrflow::engine::rfc3339_seconds(facts->at) == "2026-01-05T12:00:00Z");
  CHECK(read_request_json("{}", example("renewals").get())->signer_name == "example.com/example");
  CHECK(read_request_json("{}", nullptr)->signer_name == "example.com/test");
  CHECK(read_request_json("{}", nullptr)->lifetime == *parse_duration("1h"));
  CHECK(read_request_yaml("row: 1\nrequest: { user: jane }\n", nullptr)->requester.user == "jane");
}
