#include "policies/lint.hpp"

#include "policies/diff.hpp"
#include "tests/catch.hpp"
#include "tests/policies/asking.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

PolicyPtr named(const std::string& name, const std::string& spec) {
  return policy_of("apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: " + name +
                   " }\nspec:\n" + spec);
}

Strings codes(const std::vector<PolicyPtr>& policies, const LintContext& context = {}) {
  Strings found;
  for (const Problem& problem : lint(policies, context)) {
    CAPTURE(sentence(problem));
    if (std::ranges::find(found, problem.code) == found.end()) found.push_back(problem.code);
  }
  std::ranges::sort(found);
  return found;
}
bool warns(const std::string& code, const std::string& spec, const LintContext& context = {}) {
  const Strings found = codes({named("web", spec)}, context);
  return std::ranges::find(found, code) != found.end();
}

const std::string cased = "  cases: [ { name: a, expect: silent } ]\n";

}  // namespace

TEST_CASE("the examples are clean, but for what renewals does on purpose") {
  std::vector<PolicyPtr> all;
  for (const auto* name : {"nodes", "web-servers", "people", "payments", "no-wildcards", "weak-keys",
                           "office-hours", "renewals"})
    all.push_back(example(name));
  for (const Problem& problem : lint(all)) {
    CAPTURE(sentence(problem));
    CHECK(problem.policy == "renewals");
    CHECK(problem.code == "W01");
  }
}

TEST_CASE("lint warns of what is wider than it looks") {
  CHECK(warns("W01", "  outcome: approve\n"));
  for (const auto* pattern : {"'**'", "'**.com'", "'**.co.uk'"})
    CHECK(warns("W02", std::string("  outcome: next\n  require: { names: { dns: { allowed: [") + pattern +
                           "] } } }\n"));
  CHECK_FALSE(
      warns("W02", "  outcome: next\n  require: { names: { dns: { allowed: ['**.example.com'] } } }\n"));
  CHECK(warns("W02", "  outcome: next\n  require: { names: { ip: { allowed: [0.0.0.0/0] } } }\n"));
  const auto uri = [](const std::string& host) {
    return "  outcome: next\n  require: { names: { uri: { allowed: ['https://" + host + "/x'] } } }\n";
  };
  CHECK(warns("W02", uri("**.com")));
  CHECK(warns("W02", uri("**:8443")));
  CHECK_FALSE(warns("W02", uri("**.example.com")));
  CHECK_FALSE(warns("W02", uri("10.0.0.1")));
  CHECK(warns(
      "W02", "  outcome: next\n  require: { subject: { commonName: { match: regex, values: ['.*x'] } } }\n"));
  CHECK(warns("W14", "  outcome: approve\n"));
  CHECK(warns("W14", "  outcome: approve\n  match: { requesters: { groups: ['system:authenticated'] } }\n"));
  CHECK_FALSE(warns("W14", "  outcome: approve\n  match: { requesters: { groups: [a] } }\n"));
  CHECK(warns(
      "W16",
      "  outcome: next\n  require: { names: { dns: { wildcards: true, allowed: ['**.example.com'] } } }\n"));
  CHECK_FALSE(warns(
      "W16",
      "  outcome: next\n  require: { names: { dns: { wildcards: true, allowed: ['*.example.com'] } } }\n"));
}

TEST_CASE("lint warns of what has no effect") {
  CHECK(warns("W05",
              "  outcome: next\n  require: { names: { dns: { allowed: [a.b.c], denied: ['*.b.c'] } } }\n"));
  CHECK(warns("W06", "  outcome: next\n  require: { names: { dns: { allowed: [a.b.c, '*.b.c'] } } }\n"));
  CHECK(warns("W06", "  outcome: next\n  match: { signerNames: [a.b/web, 'a.b/*'] }\n"));
  CHECK(warns("W06", "  outcome: next\n  match: { signerNames: ['*', 'a.b/*'] }\n"));
  CHECK_FALSE(warns("W06", "  outcome: next\n  match: { signerNames: [a.b/web, 'a.bc/*'] }\n"));
  CHECK(
      warns("W06", "  outcome: next\n  require: { names: { ip: { allowed: [10.0.0.0/8, 10.0.0.0/8] } } }\n"));
  CHECK_FALSE(
      warns("W06", "  outcome: next\n  require: { names: { dns: { allowed: [a.b.c, '*.a.b.c'] } } }\n"));
  CHECK(warns("W07", "  outcome: next\n  match: { requesters: { usersMatch: jane } }\n"));
  CHECK_FALSE(warns("W07", "  outcome: next\n  match: { requesters: { usersMatch: 'jane.' } }\n"));
  CHECK(warns("W17", "  outcome: next\n"));
  CHECK_FALSE(warns("W17", "  outcome: next\n  otherwise: deny\n"));
  CHECK(warns("W18", "  outcome: next\n  otherwise: deny\n  require: { names: { dns: {} } }\n"));
  CHECK_FALSE(warns("W18",
                    "  outcome: next\n  otherwise: deny\n  require: { names: { unlisted: any, dns: { "
                    "wildcards: false } } }\n"));
  CHECK(warns("W13", "  outcome: next\n"));
  CHECK(warns("W13", "  outcome: next\n  otherwise: deny\n" + cased));
  CHECK_FALSE(warns("W13", "  outcome: next\n  cases: [ { name: a, expect: next } ]\n"));
}

TEST_CASE("lint looks at policies together") {
  const PolicyPtr deny = named("a", "  outcome: deny\n  match: { signerNames: ['example.com/*'] }\n");
  const PolicyPtr under = named(
      "b", "  outcome: approve\n  match: { signerNames: [example.com/web], requesters: { groups: [g] } }\n");
  const auto has = [](const Strings& list, const char* code) {
    return std::ranges::find(list, code) != list.end();
  };
  CHECK(has(codes({deny, under}), "W04"));
  CHECK_FALSE(has(codes({under}), "W04"));
  const PolicyPtr contrary = named(
      "c", "  outcome: deny\n  match: { signerNames: [example.com/web], requesters: { groups: [g] } }\n");
  CHECK(has(codes({under, contrary}), "W08"));
  const auto timed = [](const std::string& name, const std::string& outcome, const std::string& window) {
    return named(name, "  outcome: " + outcome + "\n  otherwise: " + (outcome == "next" ? "deny" : "next") +
                           "\n  require: { at: { timeZone: UTC, windows: ['" + window + "'] } }\n");
  };
  CHECK(has(codes({timed("a", "approve", "Mon 08:00-10:00"), timed("b", "next", "Tue-Sun 00:00-24:00")}),
            "W15"));
  CHECK_FALSE(has(
      codes({timed("a", "approve", "Mon 08:00-10:00"), timed("b", "next", "Mon-Fri 09:00-18:00")}), "W15"));
}

TEST_CASE("lint looks at signers and members, when it knows them") {
  const LintContext context{
      .signers = {{.name = "example.com/web",
                   .max_lifetime = *parse_duration("30d"),
                   .usages = {"server auth"},
                   .algorithms = {"ECDSA"}}},
      .groups = std::map<std::string, Strings>{{"pki", {"carol"}}, {"web", {"carol", "alice"}}},
      .users = Strings{"carol", "alice"}};
  const std::string match =
      "  match: { signerNames: [example.com/web], requesters: { groups: [web] } }\n  outcome: review\n";
  const std::string review = "  review: { approvers: [ { groups: [pki], count: 1 } ] }\n";
  CHECK(warns("W03", match + review + "  require: { lifetime: { max: 47d } }\n", context));
  CHECK(warns("W09", match + "  review: { approvers: [ { groups: [nobody] } ] }\n", context));
  CHECK(warns("W10", match + "  review: { approvers: [ { groups: [pki], count: 2 } ] }\n", context));
  CHECK(warns("W10", match + review, context));  // carol is of web, too, and must be another
  CHECK(warns("W11", match + review + "  require: { usages: { required: [client auth] } }\n", context));
  CHECK(warns("W12", match + review + "  require: { key: { algorithms: [RSA] } }\n", context));
  CHECK_FALSE(warns("W09", match + review, context));
}

TEST_CASE("a case that fails is an error of its own") {
  const PolicyPtr web = named("web", "  outcome: deny\n  cases: [ { name: wrong, expect: approve } ]\n");
  const Problems problems = failed_cases(web);
  REQUIRE(problems.size() == 1);
  CHECK(sentence(problems[0]) ==
        "web: spec.cases[0]: E12 case \"wrong\": expected approve, got deny: everything holds");
  const PolicyPtr because =
      named("web",
            "  outcome: deny\n  otherwise: deny\n  require: { lifetime: { max: 1h } }\n"
            "  cases: [ { name: wrong, request: { lifetime: 2h }, expect: deny, because: at } ]\n");
  CHECK(failed_cases(because).at(0).text ==
        "case \"wrong\": expected deny because of at, got deny because of lifetime.max: lifetime 2h is "
        "longer than 1h");
}

TEST_CASE("two versions differ on requests that show it") {
  const PolicyPtr web = example("web-servers");
  CHECK(diff(PolicySet({web}), PolicySet({web})).empty());
  const auto differences = [&](Changes changes) {
    return diff(PolicySet({web}), PolicySet({changed("web-servers", changes)}));
  };
  const auto shorter = differences({{"max: 47d", "max: 30d"}});
  REQUIRE_FALSE(shorter.empty());
  CHECK(shorter[0].before == "approve");
  CHECK(shorter[0].after == "person");
  CHECK(shorter[0].after_why.find("is longer than 30d") != std::string::npos);
  // Each single change shows.
  const std::pair<const char*, const char*> all[] = {
      {R"(dns: { allowed: ["*.shop.example.com"])", R"(dns: { allowed: ["**.shop.example.com"])"},
      {"wildcards: true", "wildcards: false"},
      {"min: 1, max: 20", "min: 1, max: 19"},
      {"10.0.0.0/8", "10.0.0.0/9"},
      {"web/*", "web/**"},
      {"commonNameInSAN: true", "commonNameInSAN: false"},
      {"server auth], required", "server auth, client auth], required"},
      {"minRSA: 2048", "minRSA: 3072"},
      {"curves: [P-256, P-384]", "curves: [P-256]"},
      {"notReusedBy: others", "notReusedBy: anyone"},
      {"min: 10m", "min: 11m"},
      {"20/h", "19/h"},
      {"5/d", "6/d"},
      {"groups: [web-team]", "groups: [web-team, sales]"},
      {"signerNames: [example.com/web]", "signerNames: [example.com/web, example.com/shop]"},
      {"outcome: approve", "outcome: approve\n  otherwise: deny"},
      {"outcome: approve", "outcome: deny"}};
  for (const auto& [from, to] : all) {
    CAPTURE(from, to);
    CHECK_FALSE(differences({{from, to}}).empty());
  }
  CHECK_FALSE(diff(PolicySet(), PolicySet({example("no-wildcards")})).empty());
  CHECK_FALSE(
      diff(PolicySet({example("office-hours")}), PolicySet({changed("office-hours", {{"18:00", "17:00"}})}))
          .empty());
  CHECK_FALSE(
      diff(PolicySet({example("payments")}), PolicySet({changed("payments", {{"count: 2", "count: 3"}})}))
          .empty());
  CHECK_FALSE(
      diff(PolicySet({example("renewals")}), PolicySet({changed("renewals", {{"24", "23"}})})).empty());
}
