// Requests and policies by small changes of known ones.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "policies/cases.hpp"
#include "policies/explain.hpp"
#include "tests/policies/files.hpp"

namespace csrflow::policies::test {

using Changes = std::initializer_list<std::pair<std::string, std::string>>;

/// An example with parts of its text replaced; each part must be there.
inline PolicyPtr changed(const std::string& name, Changes changes) {
  std::string yaml = file_text("policies/examples/" + name + ".yaml");
  for (const auto& [from, to] : changes) {
    const auto at = yaml.find(from);
    if (at == std::string::npos) throw std::runtime_error(name + " has no " + from);
    yaml.replace(at, from.size(), to);
  }
  // Their cases are about the unchanged document.
  yaml.resize(yaml.find("  cases:"));
  return policy_of(yaml);
}

/// The base request of the tests: alice of web-team asks example.com/web for a.shop.example.com on a Tuesday.
inline Facts request(Changes changes = {}) {
  Tree tree = *read_json_tree(R"({"user":"alice","groups":["web-team","system:authenticated"],
    "signerName":"example.com/web","dns":["a.shop.example.com"],"usages":["digital signature","server auth"],
    "key":"P-256","lifetime":"30d","at":"2026-03-03T10:00:00Z","auth":"token"})");
  for (const auto& [field, json] : changes) {
    const auto value = read_json_tree(json);
    if (!value) throw std::runtime_error(json + ": " + value.error().text);
    std::erase_if(tree.members, [&](const auto& member) { return member.first == field; });
    tree.members.emplace_back(field, *value);
  }
  auto facts = read_request_json(json_text(tree), nullptr);
  if (!facts) throw std::runtime_error(sentence(facts.error().front()));
  return std::move(*facts);
}

struct Answer {
  std::string verdict, decisive, sentence;
  Decision decision;
};
inline Answer ask(const std::vector<PolicyPtr>& policies, const Facts& facts) {
  Decision decision = decide(PolicySet(policies), facts);
  const Failure* decisive = decision.decisive();
  return {.verdict = std::string(verdict_words[static_cast<std::size_t>(decision.verdict)]),
          .decisive = decisive == nullptr ? "" : constraint_name(*decisive),
          .sentence = sentence(decision, facts),
          .decision = std::move(decision)};
}

/// `TEXT` with `(H)` and ` H)` as this policy's short hash.
inline std::string with_hash(std::string text, const PolicyPtr& policy) {
  for (const auto* place : {"(H)", " H)"}) {
    if (const auto at = text.find(place); at != std::string::npos)
      text.replace(at + 1, 1, policy->short_hash());
  }
  return text;
}

}  // namespace csrflow::policies::test
