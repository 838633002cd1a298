// ClusterRole and ClusterRoleBinding as values, read from the JSON of stored objects.
#pragma once

#include <optional>

#include "api/rbac_rules.hpp"
#include "engine/config.hpp"

namespace csrflow::api {

namespace rbac {
constexpr std::string_view group = "rbac.authorization.k8s.io";
constexpr std::string_view category = "rbac";  ///< of the streams
constexpr std::string_view role_streams = "rbac/clusterroles";
constexpr std::string_view binding_streams = "rbac/clusterrolebindings";
constexpr std::string_view cluster_roles = "clusterroles";
constexpr std::string_view cluster_role_bindings = "clusterrolebindings";
}  // namespace rbac

/// metav1.LabelSelector: all of it must hold; an empty one selects everything.
struct LabelTerms {
  struct Expression {
    std::string key, op;  ///< `In`, `NotIn`, `Exists`, `DoesNotExist`
    std::vector<std::string> values;
    bool operator==(const Expression&) const = default;
  };
  engine::StringMap match_labels;
  std::vector<Expression> match_expressions;
  bool operator==(const LabelTerms&) const = default;

  bool matches(const engine::StringMap& labels) const;
};

struct ClusterRole {
  std::string name;
  engine::StringMap labels, annotations;
  PolicyRules rules;
  /// Present: the rules are the union of what the selected roles have.
  std::optional<std::vector<LabelTerms>> aggregation;
};

struct Subject {
  std::string kind;  ///< `User`, `Group`, `ServiceAccount`
  std::string api_group, name, namespace_name;
  bool operator==(const Subject&) const = default;
};
struct RoleRef {
  std::string api_group, kind, name;
  bool operator==(const RoleRef&) const = default;
};
struct ClusterRoleBinding {
  std::string name;
  engine::StringMap labels, annotations;
  std::vector<Subject> subjects;
  RoleRef role;
};

/// From the object's JSON; members that are not known are passed over. Throws engine::MalformedJson.
ClusterRole read_cluster_role(std::string_view json);
ClusterRole read_cluster_role(const engine::ConfigObject&);
ClusterRoleBinding read_cluster_role_binding(std::string_view json);
ClusterRoleBinding read_cluster_role_binding(const engine::ConfigObject&);

/// The members besides apiVersion, kind and metadata, as a stored object has them.
engine::ConfigBody body_of(const ClusterRole&);
engine::ConfigBody body_of(const ClusterRoleBinding&);
/// What an `applied` event names the body by: SHA-256, lower-case hex.
std::string hash_of(const engine::ConfigBody&);
/// A JSON array.
void append_rules(std::string& out, std::span<const PolicyRule>);

}  // namespace csrflow::api
