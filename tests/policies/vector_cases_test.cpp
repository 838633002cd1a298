#include "policies/cases.hpp"
#include "policies/explain.hpp"
#include "tests/catch.hpp"
#include "tests/policies/files.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

TEST_CASE("the stateless cases decide as recorded (vectors/policy-cases.json)") {
  const Tree all = vectors("policy-cases.json");
  REQUIRE(all.find("cases")->items.size() == 42);
  for (const Tree& row : all.find("cases")->items) {
    CAPTURE(text_of(row, "row"));
    std::vector<PolicyPtr> policies;
    for (const Tree& name : row.find("policies")->items) policies.push_back(example(name.text));
    const auto facts = read_request_json(json_text(*row.find("request")), policies.front().get());
    if (!facts) FAIL(sentence(facts.error().front()));
    const Decision decision = decide(PolicySet(policies), *facts);
    const Failure* decisive = decision.decisive();
    const std::string_view verdict = verdict_words[static_cast<std::size_t>(decision.verdict)];
    CHECK((verdict == "waits" ? "review" : verdict) == text_of(row, "verdict"));
    CHECK((decisive == nullptr ? "" : constraint_name(*decisive)) == text_of(row, "decisive"));
  }
}

TEST_CASE("the examples' own cases pass") {
  for (const auto* name : {"nodes", "web-servers", "people", "payments", "no-wildcards", "weak-keys",
                           "office-hours", "renewals"}) {
    CAPTURE(name);
    const PolicyPtr policy = example(name);
    CHECK(policy->name == name);
    const auto results = run_cases(policy);
    CHECK_FALSE(results.empty());
    for (const CaseResult& one : results) {
      CAPTURE(one.name, one.got, one.reason);
      CHECK(one.passed);
    }
    CHECK(failed_cases(policy).empty());
  }
}
