// The roles and bindings that every server has, as kube-apiserver ships them, as far as they concern what is
// served here; and that of csrflow's agents on hosts.
#pragma once

#include "api/rbac_objects.hpp"

namespace csrflow::api {

namespace bootstrap {
constexpr std::string_view label = "kubernetes.io/bootstrapping";  ///< `rbac-defaults`
constexpr std::string_view autoupdate = "rbac.authorization.kubernetes.io/autoupdate";
}  // namespace bootstrap

// Hosts whose agent looks after their certificates.
namespace agents {
constexpr std::string_view group = "csrflow:agents";
constexpr std::string_view role = "csrflow:agent";  ///< bound to the group
}  // namespace agents

/// By name; constant.
const std::vector<ClusterRole>& bootstrap_roles();
const std::vector<ClusterRoleBinding>& bootstrap_bindings();

/// What the Node authorizer and the role system:node allow.
std::span<const PolicyRule> node_rules();

/// Kubernetes' reconciliation at start: what of the shipped object the stored one lacks is added, what it has
/// besides stays. Nothing when it lacks nothing, or says `autoupdate: "false"`.
std::optional<ClusterRole> reconciled(const ClusterRole& stored, const ClusterRole& shipped);
/// The same. A binding to another role is replaced.
std::optional<ClusterRoleBinding> reconciled(const ClusterRoleBinding& stored,
                                             const ClusterRoleBinding& shipped);

}  // namespace csrflow::api
