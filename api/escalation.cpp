#include "api/escalation.hpp"

#include "api/authentication.hpp"
#include "api/rbac_objects.hpp"

namespace csrflow::api {
namespace {

/// A POST, PUT or PATCH.
struct RbacWrite {
  const Authorizer& authorizer;
  const engine::Identity& user;
  const Resource& resource;
  const engine::ConfigObject& wanted;
  const engine::ConfigObject* stored;  ///< null for a creation

  /// The name in the request's path: a POST has none, so that permissions on names do not hold for it.
  std::string url_name() const { return stored ? stored->meta.name : ""; }
};

std::unexpected<Status> refuse(const RbacWrite& write, const std::string& why) {
  return std::unexpected(status::forbidden(write.resource.resource_name(), write.wanted.meta.name, why));
}

bool may(const RbacWrite& write, std::string verb, const std::string& role) {
  return write.authorizer
             .decide(write.user, {.verb = std::move(verb),
                                  .group = std::string(rbac::group),
                                  .resource = std::string(rbac::cluster_roles),
                                  .subresource = {},
                                  .name = role,
                                  .namespace_name = {},
                                  .path = {}})
             .access == Access::allowed;
}

/// What stands in the way, or nothing.
std::optional<std::string> missing(const RulesOfUser& held, const engine::Identity& user,
                                   std::span<const PolicyRule> wanted) {
  const auto rules = uncovered(held.rules, wanted);
  if (rules.empty()) return std::nullopt;
  return "user " + go_quote(user.user) + " (groups=" + go_quote_list(user.groups) +
         ") is attempting to grant RBAC permissions not currently held:\n" + describe_missing(rules) +
         (held.problem.empty() ? "" : "; resolution errors: [" + held.problem + ']');
}

const PolicyRules& everything() {
  static const PolicyRules rules = {
      {.verbs = {"*"},
       .api_groups = {"*"},
       .resources = {"*"},
       .resource_names = {},
       .non_resource_urls = {}},
      {.verbs = {"*"}, .api_groups = {}, .resources = {}, .resource_names = {}, .non_resource_urls = {"*"}}};
  return rules;
}

bool aggregates(const ClusterRole& role) {
  return role.aggregation && !role.aggregation->empty();
}

/// Only finalizers, owners or nothing at all: whoever cleans up need not hold what it removes.
bool keeps_meaning(const RbacWrite& write) {
  return write.stored && *write.stored->body == *write.wanted.body &&
         write.stored->meta.labels == write.wanted.meta.labels &&
         write.stored->meta.annotations == write.wanted.meta.annotations;
}

std::expected<void, Status> check_role(const RbacWrite& write) {
  if (may(write, "escalate", write.url_name()) || keeps_meaning(write)) return {};
  const auto role = read_cluster_role(write.wanted);
  const auto held = write.authorizer.rules_of(write.user);
  if (const auto why = missing(held, write.user, role.rules)) return refuse(write, *why);
  const bool gathers = aggregates(role) || (write.stored && aggregates(read_cluster_role(*write.stored)));
  if (gathers && !uncovered(held.rules, everything()).empty())
    return refuse(write, "must have cluster-admin privileges to use the aggregationRule");
  return {};
}

std::expected<void, Status> check_binding(const RbacWrite& write) {
  if (keeps_meaning(write)) return {};
  const auto binding = read_cluster_role_binding(write.wanted);
  // Validation, which comes later, refuses any other kind.
  if (binding.role.kind != cluster_roles().kind) return {};
  if (may(write, "bind", binding.role.name)) return {};
  const auto rules = write.authorizer.rules_of_role(binding.role.name);
  if (!rules) return std::unexpected(status::not_found(cluster_roles().resource_name(), binding.role.name));
  if (const auto why = missing(write.authorizer.rules_of(write.user), write.user, *rules))
    return refuse(write, *why);
  return {};
}

}  // namespace

std::expected<void, Status> EscalationGuard::admit(const engine::Identity& user, const Resource& resource,
                                                   const engine::ConfigObject& wanted,
                                                   const engine::ConfigObject* stored) const {
  if (user.in_group(group::masters)) return {};
  const RbacWrite write{authorizer_, user, resource, wanted, stored};
  if (&resource == &cluster_roles()) return check_role(write);
  if (&resource == &cluster_role_bindings()) return check_binding(write);
  return {};
}

}  // namespace csrflow::api
