// RBAC's rules: what one allows, and whether rules cover others. Kubernetes' semantics
// (rbac.authorization.k8s.io/v1): rules only add.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "api/attributes.hpp"

namespace csrflow::api {

struct PolicyRule {
  std::vector<std::string> verbs;           ///< `*`: all
  std::vector<std::string> api_groups;      ///< empty text: the core group; `*`: all
  std::vector<std::string> resources;       ///< `pods`, `pods/log`, `*/log`; `*`: all and their subresources
  std::vector<std::string> resource_names;  ///< none: any, and requests without a name
  std::vector<std::string> non_resource_urls;  ///< exact, or with a `*` at the end
  bool operator==(const PolicyRule&) const = default;
};
using PolicyRules = std::vector<PolicyRule>;

bool allows(const PolicyRule&, const Attributes& asked);

/// What of `wanted` the `held` rules do not cover, broken down to one verb, group, resource and name each
/// (a rule of very many combinations stays whole, and counts as covered by one rule only).
PolicyRules uncovered(std::span<const PolicyRule> held, std::span<const PolicyRule> wanted);

/// The rules as the refusal of an escalation names them, sorted, one a line:
/// `{APIGroups:["certificates.k8s.io"], Resources:["signers"], Verbs:["approve"]}`; those that differ in
/// their verb only are one.
std::string describe_missing(const PolicyRules&);

/// Go's %q of a list: `["a" "b"]`.
std::string go_quote_list(std::span<const std::string>);

}  // namespace csrflow::api
