// Any bytes as a file of policies and as a request: nothing crashes, hangs or disagrees with itself.
// libFuzzer calls this where the compiler is clang (tests/fuzz/meson.build); elsewhere replay.cpp plays the
// corpus.
#include <cstdint>
#include <cstdlib>

#include "policies/cases.hpp"
#include "policies/document.hpp"
#include "policies/explain.hpp"
#include "policies/lint.hpp"

namespace {

using namespace csrflow::policies;

/// Stops as an assertion does, in every build.
void must(bool holds) {
  if (!holds) std::abort();
}

void judge_by(const std::vector<PolicyPtr>& policies, const Facts& facts) {
  const PolicySet set(policies);
  const Decision decision = decide(set, facts);
  must(decision.steps <= step_bound(set, facts));
  must(!sentence(decision, facts).empty());
  must(!explanation_json(set, facts, decision).empty());
  static_cast<void>(obligations(decision));
  static_cast<void>(next_change(set, facts, decision));
  const auto again = decode_facts(encode_facts(facts));
  must(again && encode_facts(*again) == encode_facts(facts));
  must(decide(set, *again).verdict == decision.verdict);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const PolicyFile file = read_policy_yaml(bytes);
  for (const PolicyPtr& policy : file.policies) {
    for (const CaseResult& one : run_cases(policy)) must(!one.got.empty());
    const auto defaults = read_request_json("{}", policy.get());
    must(defaults.has_value());
    judge_by(file.policies, *defaults);
  }
  static_cast<void>(lint(file.policies));
  static_cast<void>(read_policy_json(bytes));
  if (const auto request = read_request_yaml(bytes, nullptr)) judge_by(file.policies, *request);
  return 0;
}
