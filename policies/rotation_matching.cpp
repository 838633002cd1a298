#include <algorithm>
#include <tuple>

#include "policies/matching.hpp"
#include "policies/rotation_policy.hpp"

namespace csrflow::policies {
namespace {

enum class SignerRank : std::uint8_t { named, of_domain, any };

SignerRank signer_rank(const CertificateMatch& match, std::string_view signer_name) {
  SignerRank best = SignerRank::any;
  if (!match.signer_names) return best;
  for (const SignerPattern& pattern : *match.signer_names) {
    if (pattern.text == signer_name) return SignerRank::named;
    if (pattern.text != "*" && pattern.covers(signer_name)) best = SignerRank::of_domain;
  }
  return best;
}

}  // namespace

bool is_canary(const RotationPolicy& policy, const engine::StringMap& labels) {
  std::uint64_t steps = 0;
  return requirements(policy.canary) != 0 && fits(policy.canary, labels, steps);
}

RotationPolicyPtr most_specific(std::span<const RotationPolicyPtr> policies, const Facts& facts) {
  const auto rank = [&](const RotationPolicy& policy) {
    return std::tuple(signer_rank(policy.match, facts.signer_name),
                      -static_cast<std::int64_t>(requirements(policy.match.labels)),
                      std::string_view(policy.name));
  };
  RotationPolicyPtr best;
  for (const RotationPolicyPtr& policy : policies) {
    if (covers(policy->match, facts) && (best == nullptr || rank(*policy) < rank(*best))) best = policy;
  }
  return best;
}

}  // namespace csrflow::policies
