#include "policies/cases.hpp"

#include "policies/explain.hpp"
#include "policies/tree.hpp"

namespace csrflow::policies {
namespace {

std::string text_of(const Tree& tree, std::string_view name) {
  const Tree* found = tree.find(name);
  return found == nullptr ? std::string() : found->text;
}

CaseResult run(const PolicyPtr& policy, const Tree& document) {
  CaseResult result{.name = text_of(document, "name"), .expected = text_of(document, "expect")};
  const std::string because = text_of(document, "because");
  if (!because.empty()) result.expected += " because of " + because;
  const Tree* request = document.find("request");
  const auto facts = read_request_json(request == nullptr ? "{}" : json_text(*request), policy.get());
  if (!facts) {
    result.got = "an error";
    result.reason = sentence(facts.error().front());
    return result;
  }
  const PolicyResult said = judge(policy, *facts);
  std::string word(result_words[static_cast<std::size_t>(said.result)]);
  const std::string decisive = said.failed.empty() ? "" : constraint_name(said.failed.front());
  result.passed = word == text_of(document, "expect") && (because.empty() || because == decisive);
  result.got = word;
  if (!decisive.empty() && !because.empty()) result.got += " because of " + decisive;
  result.reason = !said.matched         ? "match does not hold"
                  : said.failed.empty() ? "everything holds"
                                        : failure_text(*policy, *facts, said.failed.front());
  return result;
}

}  // namespace

std::vector<CaseResult> run_cases(const PolicyPtr& policy) {
  std::vector<CaseResult> results;
  for (const std::string& json : policy->cases) {
    if (const auto document = read_json_tree(json)) results.push_back(run(policy, *document));
  }
  return results;
}

Problems failed_cases(const PolicyPtr& policy) {
  Problems problems;
  const auto results = run_cases(policy);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const CaseResult& one = results[i];
    if (one.passed) continue;
    problems.push_back({.code = "E12",
                        .policy = policy->name,
                        .path = "spec.cases[" + std::to_string(i) + ']',
                        .text = "case \"" + one.name + "\": expected " + one.expected + ", got " + one.got +
                                ": " + one.reason});
  }
  return problems;
}

}  // namespace csrflow::policies
