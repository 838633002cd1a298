#include <algorithm>
#include <tuple>

#include "policies/attributes.hpp"
#include "policies/matching.hpp"
#include "policies/rotation_policy.hpp"

namespace csrflow::policies {
namespace {

template <class Pattern>
bool covers_one(const std::optional<std::vector<Pattern>>& patterns, NameKind kind, const Facts& facts) {
  if (!patterns) return true;
  return std::ranges::any_of(facts.names, [&](const Name& name) {
    return name.kind == kind && !name.malformed &&
           std::ranges::any_of(*patterns, [&](const Pattern& pattern) {
             if constexpr (std::is_same_v<Pattern, IpRange>) {
               return pattern.covers(name.ip);
             } else {
               return pattern.covers(name.value);
             }
           });
  });
}

bool covers(const SubjectMatch& match, const std::vector<Attribute>& subject) {
  for (std::size_t kind = 0; kind < attribute_kinds; ++kind) {
    const auto& wanted = match.attributes.at(kind);
    if (!wanted) continue;
    const std::string_view oid = attribute_oid(static_cast<AttributeKind>(kind));
    if (std::ranges::none_of(subject, [&](const Attribute& has) {
          return has.oid == oid && std::ranges::find(*wanted, has.value) != wanted->end();
        }))
      return false;
  }
  return true;
}

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

std::size_t requirements(const LabelSelector& selector) {
  return selector.match_labels.size() + selector.match_expressions.size();
}

}  // namespace

bool covers(const CertificateMatch& match, const Facts& facts) {
  if (match.signer_names && std::ranges::none_of(*match.signer_names, [&](const SignerPattern& p) {
        return p.covers(facts.signer_name);
      }))
    return false;
  std::uint64_t steps = 0;
  return fits(match.labels, facts.labels, steps) && fits(match.requesters, facts.requester, steps) &&
         covers(match.subject, facts.subject) && covers_one(match.dns, NameKind::dns, facts) &&
         covers_one(match.ip, NameKind::ip, facts) && covers_one(match.email, NameKind::email, facts) &&
         covers_one(match.uri, NameKind::uri, facts);
}

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
