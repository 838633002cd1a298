#include "api/rbac_policy.hpp"

#include "api/bootstrap_roles.hpp"
#include "tests/catch.hpp"

using namespace csrflow;
using namespace csrflow::api;

namespace {

ClusterRole role(const std::string& json) {
  return read_cluster_role(json);
}

/// A policy of these documents, as they would be stored.
RbacPolicy policy_of(const std::vector<std::string>& roles, const std::vector<std::string>& bindings) {
  RbacObjects objects;
  for (const auto& json : roles) {
    auto read = std::make_shared<const ClusterRole>(read_cluster_role(json));
    objects.roles[read->name] = read;
  }
  for (const auto& json : bindings) {
    auto read = std::make_shared<const ClusterRoleBinding>(read_cluster_role_binding(json));
    objects.bindings[read->name] = read;
  }
  return {std::move(objects), engine::Position{7}};
}

engine::Identity user(std::string name, std::vector<std::string> groups = {}) {
  engine::Identity identity;
  identity.user = std::move(name);
  identity.groups = std::move(groups);
  return identity;
}

Attributes ask(std::string verb, std::string resource, std::string name = {}) {
  const auto slash = resource.find('/');
  Attributes asked;
  asked.verb = std::move(verb);
  asked.group = "certificates.k8s.io";
  asked.resource = resource.substr(0, slash);
  if (slash != std::string::npos) asked.subresource = resource.substr(slash + 1);
  asked.name = std::move(name);
  return asked;
}
Attributes ask_path(std::string path, std::string verb = "get") {
  Attributes asked;
  asked.verb = std::move(verb);
  asked.path = std::move(path);
  return asked;
}

PolicyRule rule(const std::string& json) {
  return role(R"({"rules":[)" + json + "]}").rules.front();
}

const std::string viewer = R"({"metadata":{"name":"viewer"},"rules":[{"apiGroups":["certificates.k8s.io"],
    "resources":["certificatesigningrequests"],"verbs":["get","list","watch"]}]})";
const std::string approver = R"({"metadata":{"name":"approver"},"rules":[{"apiGroups":["certificates.k8s.io"],
    "resources":["signers"],"resourceNames":["example.com/*"],"verbs":["approve"]}]})";

std::string bind(const std::string& name, const std::string& role_name, const std::string& subjects) {
  return R"({"metadata":{"name":")" + name + R"("},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",)" +
         R"("kind":"ClusterRole","name":")" + role_name + R"("},"subjects":[)" + subjects + "]}";
}

}  // namespace

TEST_CASE("a rule for a resource does not cover its subresources") {
  const auto plain = rule(R"({"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests"],
      "verbs":["update"]})");
  CHECK(allows(plain, ask("update", "certificatesigningrequests", "jane")));
  CHECK_FALSE(allows(plain, ask("update", "certificatesigningrequests/approval", "jane")));
  CHECK_FALSE(allows(plain, ask("patch", "certificatesigningrequests", "jane")));

  const auto approval = rule(R"({"apiGroups":["*"],"resources":["*/approval"],"verbs":["*"]})");
  CHECK(allows(approval, ask("update", "certificatesigningrequests/approval")));
  CHECK_FALSE(allows(approval, ask("update", "certificatesigningrequests")));
  CHECK_FALSE(allows(approval, ask("update", "certificatesigningrequests/pre-approval")));
  CHECK_FALSE(allows(approval, ask("update", "certificatesigningrequests/status")));

  const auto all = rule(R"({"apiGroups":["certificates.k8s.io"],"resources":["*"],"verbs":["get"]})");
  CHECK(allows(all, ask("get", "certificatesigningrequests/status")));
}

TEST_CASE("a rule with names matches nothing that has no name") {
  const auto named = rule(R"({"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests"],
      "resourceNames":["jane"],"verbs":["*"]})");
  CHECK(allows(named, ask("get", "certificatesigningrequests", "jane")));
  CHECK_FALSE(allows(named, ask("get", "certificatesigningrequests", "bob")));
  CHECK_FALSE(allows(named, ask("list", "certificatesigningrequests")));
  CHECK(
      allows(named, ask("list", "certificatesigningrequests", "jane")));  // fieldSelector=metadata.name=jane
}

TEST_CASE("the star in a signer's name is a name, not a pattern") {
  const auto domain = role(approver).rules.front();
  CHECK(allows(domain, ask("approve", "signers", "example.com/*")));
  CHECK_FALSE(allows(domain, ask("approve", "signers", "example.com/web")));
}

TEST_CASE("paths match exactly or up to a star at the end") {
  const auto health = rule(R"({"nonResourceURLs":["/healthz","/livez/*"],"verbs":["get"]})");
  CHECK(allows(health, ask_path("/healthz")));
  CHECK_FALSE(allows(health, ask_path("/healthz/ping")));
  CHECK(allows(health, ask_path("/livez/ping")));
  CHECK_FALSE(allows(health, ask_path("/livez")));
  CHECK_FALSE(allows(health, ask_path("/healthz", "post")));
  CHECK_FALSE(allows(health, ask("get", "certificatesigningrequests")));
  const auto resources = rule(R"({"apiGroups":["*"],"resources":["*"],"verbs":["*"]})");
  CHECK_FALSE(allows(resources, ask_path("/metrics")));
  // A review may ask about no path at all: that is a path too, and no resource.
  CHECK_FALSE(allows(resources, ask_path("")));
  CHECK(allows(rule(R"({"nonResourceURLs":["*"],"verbs":["get"]})"), ask_path("")));
}

TEST_CASE("an allowed question names the binding, the role and the first subject that is meant") {
  const auto policy = policy_of(
      {viewer}, {bind("b", "viewer", R"({"kind":"Group","name":"readers"},{"kind":"User","name":"jane"},
                 {"kind":"ServiceAccount","name":"robot","namespace":"kube-system"})")});
  const auto get = ask("get", "certificatesigningrequests", "x");
  const std::string by = R"(RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "viewer" to )";
  CHECK(policy.decide(user("jane"), get).reason == by + R"(User "jane")");
  CHECK(policy.decide(user("jane", {"readers"}), get).reason == by + R"(Group "readers")");
  CHECK(policy.decide(user("system:serviceaccount:kube-system:robot"), get).reason ==
        by + R"(ServiceAccount "robot/kube-system")");
  CHECK_FALSE(policy.decide(user("robot"), get).allowed);
  CHECK_FALSE(policy.decide(user("readers", {"jane"}), get).allowed);
  CHECK(policy.decide(user("bob"), get).reason.empty());
}

TEST_CASE("a binding to a role that is not there gives nothing, and a refusal says so") {
  const auto policy = policy_of({viewer}, {bind("a", "gone", R"({"kind":"User","name":"jane"})"),
                                           bind("b", "viewer", R"({"kind":"User","name":"jane"})"),
                                           bind("c", "lost", R"({"kind":"Group","name":"g"})")});
  CHECK(policy.decide(user("jane"), ask("get", "certificatesigningrequests")).allowed);
  CHECK(policy.decide(user("jane"), ask("delete", "certificatesigningrequests")).reason ==
        R"(RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found)");
  CHECK(policy.decide(user("jane", {"g"}), ask("delete", "certificatesigningrequests")).reason ==
        R"(RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, )"
        R"(clusterrole.rbac.authorization.k8s.io "lost" not found])");
}

TEST_CASE("what is not covered is broken down, and told with the verbs together") {
  const PolicyRules held = {
      rule(R"({"apiGroups":["a"],"resources":["x","*/status"],"verbs":["get","list"]})")};
  const PolicyRules wanted = {
      rule(R"({"apiGroups":["a"],"resources":["x","y/status"],"verbs":["get","list","delete","patch"]})"),
      rule(R"({"nonResourceURLs":["/metrics"],"verbs":["get"]})"),
      rule(R"({"apiGroups":["a"],"resources":["x"],"resourceNames":["n"],"verbs":["get","watch"]})")};
  CHECK(describe_missing(uncovered(held, wanted)) ==
        R"({APIGroups:["a"], Resources:["x"], ResourceNames:["n"], Verbs:["watch"]})"
        "\n"
        R"({APIGroups:["a"], Resources:["x"], Verbs:["delete" "patch"]})"
        "\n"
        R"({APIGroups:["a"], Resources:["y/status"], Verbs:["delete" "patch"]})"
        "\n"
        R"({NonResourceURLs:["/metrics"], Verbs:["get"]})");
  CHECK(uncovered(bootstrap_roles().front().rules, held).size() == 4);  // `admin` has no rules of its own
}

TEST_CASE("a name restricts: rules for one name do not cover rules for all") {
  const PolicyRules one = {
      rule(R"({"apiGroups":["a"],"resources":["x"],"resourceNames":["n"],"verbs":["get"]})")};
  const PolicyRules all = {rule(R"({"apiGroups":["a"],"resources":["x"],"verbs":["get"]})")};
  CHECK(uncovered(all, one).empty());
  CHECK(uncovered(one, all) == all);
}

TEST_CASE("a rule of very many combinations is judged as a whole") {
  PolicyRule huge = rule(R"({"apiGroups":["a"],"resources":["x"],"verbs":["get"]})");
  for (int i = 0; i < 3000; ++i) {
    huge.verbs.push_back("v" + std::to_string(i));
    huge.resources.push_back("r" + std::to_string(i));
  }
  const PolicyRules everything = {rule(R"({"apiGroups":["*"],"resources":["*"],"verbs":["*"]})")};
  CHECK(uncovered(everything, PolicyRules{huge}).empty());
  CHECK(uncovered(PolicyRules{}, PolicyRules{huge}) == PolicyRules{huge});
}

TEST_CASE("labels choose roles as a label selector does") {
  LabelTerms terms;
  CHECK(terms.matches({}));
  terms.match_labels = {{"to", "view"}};
  CHECK(terms.matches({{"to", "view"}, {"x", "y"}}));
  CHECK_FALSE(terms.matches({{"to", "edit"}}));
  terms.match_labels.clear();
  terms.match_expressions = {{"to", "NotIn", {"edit"}}, {"x", "Exists", {}}};
  CHECK(terms.matches({{"x", "y"}}));
  CHECK_FALSE(terms.matches({{"x", "y"}, {"to", "edit"}}));
  CHECK_FALSE(terms.matches({{"to", "view"}}));
}

TEST_CASE("what is written of a role is read again") {
  ClusterRole aggregated = role(
      R"({"metadata":{"name":"a"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"k":"v"}},
      {"matchExpressions":[{"key":"k","operator":"In","values":["a","b"]}]}]},"rules":[{"verbs":["get"],
      "nonResourceURLs":["/x"]}]})");
  const auto again = role(*body_of(aggregated));
  CHECK(again.aggregation == aggregated.aggregation);
  CHECK(again.rules == aggregated.rules);
  const auto binding = read_cluster_role_binding(bind("b", "r", R"({"kind":"User","name":"u"})"));
  const auto binding_again = read_cluster_role_binding(*body_of(binding));
  CHECK(binding_again.subjects == binding.subjects);
  CHECK(binding_again.role == binding.role);
}

TEST_CASE("a start adds to a shipped role what it lacks, and takes nothing away") {
  const auto& shipped = *std::ranges::find(bootstrap_roles(), "system:node-bootstrapper", &ClusterRole::name);
  CHECK_FALSE(reconciled(shipped, shipped).has_value());

  ClusterRole changed = shipped;
  changed.rules = {rule(R"({"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests"],
      "verbs":["create","delete"]})")};
  changed.labels = {{"mine", "1"}};
  const auto repaired = reconciled(changed, shipped);
  REQUIRE(repaired.has_value());
  CHECK(uncovered(repaired->rules, shipped.rules).empty());
  CHECK(uncovered(repaired->rules, changed.rules).empty());
  CHECK(repaired->labels.size() == 2);

  changed.annotations[std::string(bootstrap::autoupdate)] = "false";
  CHECK_FALSE(reconciled(changed, shipped).has_value());
}

TEST_CASE("everybody who is authenticated may ask about themselves, and anonymous callers for health") {
  RbacObjects objects;
  for (const auto& one : bootstrap_roles())
    objects.roles[one.name] = std::make_shared<const ClusterRole>(one);
  for (const auto& one : bootstrap_bindings())
    objects.bindings[one.name] = std::make_shared<const ClusterRoleBinding>(one);
  const RbacPolicy policy(std::move(objects), {});
  const auto jane = user("jane", {"system:authenticated"});
  const auto nobody = user("system:anonymous", {"system:unauthenticated"});
  Attributes whoami = ask("create", "selfsubjectreviews");
  whoami.group = "authentication.k8s.io";
  CHECK(policy.decide(jane, whoami).allowed);
  CHECK_FALSE(policy.decide(nobody, whoami).allowed);
  CHECK(policy.decide(jane, ask_path("/openapi/v3")).allowed);
  CHECK_FALSE(policy.decide(nobody, ask_path("/openapi/v3")).allowed);
  CHECK(policy.decide(nobody, ask_path("/livez")).allowed);
  CHECK_FALSE(policy.decide(jane, ask("create", "certificatesigningrequests")).allowed);
  CHECK(policy.decide(user("root", {"system:masters"}), ask("approve", "signers", "example.com/x")).allowed);
}
