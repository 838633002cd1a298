#include "api/rbac_authorizer.hpp"

#include <algorithm>

#include "api/authentication.hpp"
#include "api/bootstrap_roles.hpp"
#include "api/node_restriction.hpp"

namespace csrflow::api {
namespace {

bool node_may(const Attributes& asked) {
  return std::ranges::any_of(node_rules(), [&](const PolicyRule& rule) { return allows(rule, asked); });
}

}  // namespace

AccessDecision RbacAuthorizer::decide(const engine::Identity& user, const Attributes& asked) const {
  if (user.in_group(group::masters)) return {.access = Access::allowed, .reason = {}};
  const auto node = node_of(user);
  if (node && !node->empty() && node_may(asked)) return {.access = Access::allowed, .reason = {}};
  auto verdict = book_.current()->decide(user, asked);
  return {.access = verdict.allowed ? Access::allowed : Access::denied, .reason = std::move(verdict.reason)};
}

RulesOfUser RbacAuthorizer::rules_of(const engine::Identity& user) const {
  auto found = book_.current()->rules_of(user);
  if (!node_of(user)) return {.rules = std::move(found.rules), .problem = std::move(found.problem)};
  // What a node may is not a matter of roles alone, and Kubernetes says so.
  std::string problem = "node authorizer does not support user rule resolution";
  if (!found.problem.empty()) problem = "[" + problem + ", " + found.problem + ']';
  return {.rules = std::move(found.rules), .problem = std::move(problem), .incomplete = true};
}

std::optional<PolicyRules> RbacAuthorizer::rules_of_role(const std::string& name) const {
  const auto policy = book_.current();
  const ClusterRole* role = policy->role(name);
  return role ? std::optional(role->rules) : std::nullopt;
}

}  // namespace csrflow::api
