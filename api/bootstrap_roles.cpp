#include "api/bootstrap_roles.hpp"

#include <algorithm>
#include <array>

namespace csrflow::api {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* certificates = "certificates.k8s.io";
constexpr const char* requests = "certificatesigningrequests";
constexpr const char* authentication = "authentication.k8s.io";
constexpr const char* authorization = "authorization.k8s.io";
constexpr const char* client = "kubernetes.io/kube-apiserver-client";
constexpr const char* kubelet_client = "kubernetes.io/kube-apiserver-client-kubelet";
constexpr const char* kubelet_serving = "kubernetes.io/kubelet-serving";
constexpr const char* legacy = "kubernetes.io/legacy-unknown";

engine::StringMap shipped_labels() {
  return {{std::string(bootstrap::label), "rbac-defaults"}};
}
engine::StringMap shipped_annotations() {
  return {{std::string(bootstrap::autoupdate), "true"}};
}

PolicyRule may(Texts verbs, Texts groups, Texts resources, Texts names = {}) {
  return {.verbs = std::move(verbs),
          .api_groups = std::move(groups),
          .resources = std::move(resources),
          .resource_names = std::move(names),
          .non_resource_urls = {}};
}

PolicyRule may_get(Texts urls) {
  return {.verbs = {"get"},
          .api_groups = {},
          .resources = {},
          .resource_names = {},
          .non_resource_urls = std::move(urls)};
}

ClusterRole role(std::string name, PolicyRules rules) {
  return {.name = std::move(name),
          .labels = shipped_labels(),
          .annotations = shipped_annotations(),
          .rules = std::move(rules),
          .aggregation = {}};
}

/// The union of the roles that carry the label `aggregate-to-<name>`.
ClusterRole aggregate(const std::string& name, const std::string& itself_part_of = {}) {
  const auto label_for = [](const std::string& to) {
    return std::string(rbac::group) + "/aggregate-to-" + to;
  };
  ClusterRole made = role(name, {});
  made.aggregation = {{{.match_labels = {{label_for(name), "true"}}, .match_expressions = {}}}};
  if (!itself_part_of.empty()) made.labels[label_for(itself_part_of)] = "true";
  return made;
}

ClusterRole approver_of(const std::string& short_name, const char* signer) {
  return role("system:certificates.k8s.io:" + short_name + "-approver",
              {may({"approve"}, {certificates}, {"signers"}, {signer})});
}

std::vector<ClusterRole> make_roles() {
  const std::string own_requests = "system:certificates.k8s.io:certificatesigningrequests:";
  std::vector<ClusterRole> roles = {
      role(std::string(agents::role),
           {may({"create", "get", "list", "watch"}, {certificates}, {requests}),
            may({"create"}, {certificates}, {std::string(requests) + "/rekey"}),
            may({"get", "list", "watch"}, {certificates}, {"clustertrustbundles"})}),
      role("cluster-admin", {may({"*"}, {"*"}, {"*"}),
                             {.verbs = {"*"},
                              .api_groups = {},
                              .resources = {},
                              .resource_names = {},
                              .non_resource_urls = {"*"}}}),
      aggregate("admin"),
      aggregate("edit", "admin"),
      aggregate("view", "edit"),
      role("system:auth-delegator", {may({"create"}, {authentication}, {"tokenreviews"}),
                                     may({"create"}, {authorization}, {"subjectaccessreviews"})}),
      role("system:basic-user",
           {may({"create"}, {authorization}, {"selfsubjectaccessreviews", "selfsubjectrulesreviews"}),
            may({"create"}, {authentication}, {"selfsubjectreviews"})}),
      role(own_requests + "nodeclient",
           {may({"create"}, {certificates}, {std::string(requests) + "/nodeclient"})}),
      role(own_requests + "selfnodeclient",
           {may({"create"}, {certificates}, {std::string(requests) + "/selfnodeclient"})}),
      approver_of("kube-apiserver-client", client),
      approver_of("kube-apiserver-client-kubelet", kubelet_client),
      approver_of("kubelet-serving", kubelet_serving),
      approver_of("legacy-unknown", legacy),
      role("system:cluster-trust-bundle-discovery",
           {may({"get", "list", "watch"}, {certificates}, {"clustertrustbundles"})}),
      role("system:controller:certificate-controller",
           {may({"delete", "get", "list", "watch"}, {certificates}, {requests}),
            may({"update"}, {certificates},
                {std::string(requests) + "/approval", std::string(requests) + "/status"}),
            may({"approve"}, {certificates}, {"signers"}, {kubelet_client}),
            may({"sign"}, {certificates}, {"signers"}, {client, kubelet_client, kubelet_serving, legacy}),
            may({"create"}, {authorization}, {"subjectaccessreviews"}),
            may({"create", "patch", "update"}, {"", "events.k8s.io"}, {"events"})}),
      role("system:discovery", {may_get({"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez",
                                         "/openapi", "/openapi/*", "/readyz", "/version", "/version/"})}),
      role("system:monitoring", {may_get({"/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics",
                                          "/metrics/slis", "/readyz", "/readyz/*"})}),
      role("system:node", PolicyRules(node_rules().begin(), node_rules().end())),
      role("system:node-bootstrapper", {may({"create", "get", "list", "watch"}, {certificates}, {requests})}),
      role("system:public-info-viewer",
           {may_get({"/healthz", "/livez", "/readyz", "/version", "/version/"})}),
  };
  std::ranges::sort(roles, {}, &ClusterRole::name);
  return roles;
}

Subject group_named(std::string name) {
  return {
      .kind = "Group", .api_group = std::string(rbac::group), .name = std::move(name), .namespace_name = {}};
}

ClusterRoleBinding bind(const std::string& role_name, std::vector<Subject> subjects) {
  return {.name = role_name,
          .labels = shipped_labels(),
          .annotations = shipped_annotations(),
          .subjects = std::move(subjects),
          .role = {std::string(rbac::group), "ClusterRole", role_name}};
}

std::vector<ClusterRoleBinding> make_bindings() {
  const auto authenticated = group_named("system:authenticated");
  const auto unauthenticated = group_named("system:unauthenticated");
  return {
      bind("cluster-admin", {group_named("system:masters")}),
      bind(std::string(agents::role), {group_named(std::string(agents::group))}),
      bind("system:basic-user", {authenticated}),
      bind("system:cluster-trust-bundle-discovery", {group_named("system:serviceaccounts")}),
      bind("system:controller:certificate-controller", {{.kind = "ServiceAccount",
                                                         .api_group = {},
                                                         .name = "certificate-controller",
                                                         .namespace_name = "kube-system"}}),
      bind("system:discovery", {authenticated}),
      bind("system:monitoring", {group_named("system:monitoring")}),
      bind("system:public-info-viewer", {authenticated, unauthenticated}),
  };
}

/// Adds what is not there; what is stays as it is.
bool add_missing(engine::StringMap& stored, const engine::StringMap& shipped) {
  const std::size_t before = stored.size();
  stored.insert(shipped.begin(), shipped.end());
  return stored.size() != before;
}

template <class Value>
bool add_missing(std::vector<Value>& stored, const std::vector<Value>& shipped) {
  const std::size_t before = stored.size();
  for (const Value& value : shipped)
    if (std::ranges::find(stored, value) == stored.end()) stored.push_back(value);
  return stored.size() != before;
}

template <class Object>
bool is_protected(const Object& stored) {
  const auto found = stored.annotations.find(std::string(bootstrap::autoupdate));
  return found != stored.annotations.end() && found->second == "false";
}

template <class Object>
bool add_missing_metadata(Object& stored, const Object& shipped) {
  const bool labels = add_missing(stored.labels, shipped.labels);
  return add_missing(stored.annotations, shipped.annotations) || labels;
}

bool reconcile_aggregation(ClusterRole& stored, const ClusterRole& shipped) {
  if (!shipped.aggregation) {
    const bool there = stored.aggregation.has_value();
    stored.aggregation.reset();
    return there;
  }
  if (!stored.aggregation) stored.aggregation.emplace();
  return add_missing(*stored.aggregation, *shipped.aggregation);
}

}  // namespace

std::span<const PolicyRule> node_rules() {
  static const std::array<PolicyRule, 4> rules = {
      may({"create"}, {authentication}, {"tokenreviews"}),
      may({"create"}, {authorization}, {"localsubjectaccessreviews", "subjectaccessreviews"}),
      may({"create", "get", "list", "watch"}, {certificates}, {requests}),
      may({"get", "list", "watch"}, {certificates}, {"clustertrustbundles"})};
  return rules;
}

const std::vector<ClusterRole>& bootstrap_roles() {
  static const std::vector<ClusterRole> roles = make_roles();
  return roles;
}

const std::vector<ClusterRoleBinding>& bootstrap_bindings() {
  static const std::vector<ClusterRoleBinding> bindings = make_bindings();
  return bindings;
}

std::optional<ClusterRole> reconciled(const ClusterRole& stored, const ClusterRole& shipped) {
  if (is_protected(stored)) return std::nullopt;
  ClusterRole result = stored;
  bool changed = add_missing_metadata(result, shipped);
  const auto missing = uncovered(stored.rules, shipped.rules);
  result.rules.insert(result.rules.end(), missing.begin(), missing.end());
  changed = reconcile_aggregation(result, shipped) || changed || !missing.empty();
  return changed ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<ClusterRoleBinding> reconciled(const ClusterRoleBinding& stored,
                                             const ClusterRoleBinding& shipped) {
  if (is_protected(stored)) return std::nullopt;
  ClusterRoleBinding result = stored;
  const bool elsewhere = result.role != shipped.role;
  result.role = shipped.role;
  if (elsewhere) result.subjects = shipped.subjects;
  const bool subjects = add_missing(result.subjects, shipped.subjects);
  const bool changed = add_missing_metadata(result, shipped) || subjects || elsewhere;
  return changed ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace csrflow::api
