// Roles at work: written through the API, judged by what the log holds.
#include "api/aggregation.hpp"
#include "api/bootstrap.hpp"
#include "api/bootstrap_roles.hpp"
#include "api/escalation.hpp"
#include "api/node_restriction.hpp"
#include "api/rbac_authorizer.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::api {
namespace {

using test::Json;

/// A writer, the views, the book of roles and who follows it.
struct Server {
  csrflow::test::MemoryLog log;
  csrflow::test::ManualClock clock;
  csrflow::test::SeededRandom random;
  test::NoIssuer issuer;
  test::MemoryViews views;
  RoleBook book{views};
  std::unique_ptr<engine::Writer> writer;
  Aggregator aggregator{book, *log.reader(), [this](std::vector<engine::Submission> wanted) {
                          writer->submit(std::move(wanted));
                        }};
  RbacAuthorizer authorizer{book};

  Server() {
    writer = std::make_unique<engine::Writer>(
        log, clock, random, issuer, "csrflow test",
        std::vector<engine::Follower*>{&views, &book, &aggregator}, [](const std::string&) {},
        csrflow::test::sha256);
  }
  ~Server() { writer->stop(); }

  void bootstrap() { REQUIRE(ensure_bootstrap_roles(*log.reader(), *writer, random).has_value()); }

  void put(const std::string& kind, std::string_view streams, const Json& object,
           std::optional<engine::Position> base = {}) {
    engine::ConfigObject config;
    config.meta.name = object["metadata"]["name"];
    config.meta.uid = {config.meta.name + "-uid"};
    const auto labels = object["metadata"].value("labels", Json::object());
    for (const auto& [key, value] : labels.items()) config.meta.labels[key] = value;
    Json body = object;
    body.erase("metadata");
    config.body = std::make_shared<const std::string>(body.dump());
    engine::Submission submission;
    submission.stream = engine::stream_of(streams, config.meta.name);
    submission.command = engine::Command(engine::ConfigCommand(
        engine::PutConfig{.base = base, .kind = kind, .hash = hash_of(config.body), .object = config}));
    REQUIRE(writer->call(std::move(submission)).has_value());
  }
  void role(const Json& object) { put("ClusterRole", rbac::role_streams, object); }
  void bind(const std::string& role_name, const std::string& user) {
    put("ClusterRoleBinding", rbac::binding_streams,
        {{"metadata", {{"name", role_name + '-' + user}}},
         {"roleRef",
          {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", role_name}}},
         {"subjects", Json::array({{{"kind", "User"}, {"name", user}}})}});
  }
  bool may(const std::string& user, const std::string& verb, const std::string& resource,
           const std::string& name = "") {
    engine::Identity identity;
    identity.user = user;
    Attributes asked;
    asked.verb = verb;
    asked.group = "certificates.k8s.io";
    asked.resource = resource;
    asked.name = name;
    return authorizer.decide(identity, asked).access == Access::allowed;
  }
  /// What the aggregator sent after the last write is done when this is.
  void settle() {
    role({{"metadata", {{"name", "settle-" + std::to_string(++settled_)}}}, {"rules", Json::array()}});
  }

 private:
  int settled_ = 0;
};

Json rule(const std::string& resource, const std::string& verb) {
  return {{"apiGroups", {"certificates.k8s.io"}}, {"resources", {resource}}, {"verbs", {verb}}};
}

engine::ConfigObject object_of(const std::string& name, const Json& body) {
  engine::ConfigObject object;
  object.meta.name = name;
  object.body = std::make_shared<const std::string>(body.dump());
  return object;
}

engine::Identity bob() {
  engine::Identity identity;
  identity.user = "bob";
  identity.groups = {"approvers", "system:authenticated"};
  return identity;
}

}  // namespace

TEST_CASE("a role gives its permission from the commit that binds it to the one that takes it") {
  Server server;
  server.role({{"metadata", {{"name", "viewer"}}}, {"rules", {rule("certificatesigningrequests", "get")}}});
  CHECK_FALSE(server.may("jane", "get", "certificatesigningrequests"));
  server.bind("viewer", "jane");
  CHECK(server.may("jane", "get", "certificatesigningrequests"));
  const auto position = server.authorizer.position();
  engine::Submission submission;
  submission.stream = engine::stream_of(rbac::binding_streams, "viewer-jane");
  submission.command = engine::Command(engine::ConfigCommand(engine::Delete{}));
  REQUIRE(server.writer->call(std::move(submission)).has_value());
  CHECK_FALSE(server.may("jane", "get", "certificatesigningrequests"));
  CHECK(server.authorizer.position() > position);
}

/// Permits the first questions, and then nothing more.
struct Revoked final : Authorizer {
  mutable std::atomic<int> permitted{0};
  AccessDecision decide(const engine::Identity&, const Attributes&) const override {
    return {.access = permitted-- > 0 ? Access::allowed : Access::denied, .reason = {}};
  }
};

TEST_CASE(
    "a permission that is taken away before the command is decided is missing in the answer and the log") {
  Revoked revoked;
  test::World world({}, {}, {}, nullptr, nullptr, &revoked);
  revoked.permitted = 1;
  REQUIRE(world.create("hers", "jane").status == 201);
  engine::ConfigObject role = object_of("r", {{"rules", Json::array()}});
  engine::Submission submission;
  submission.stream = engine::stream_of(rbac::role_streams, "r");
  submission.command = engine::Command(engine::ConfigCommand(
      engine::PutConfig{.base = {}, .kind = "ClusterRole", .hash = hash_of(role.body), .object = role}));
  REQUIRE(world.writer->call(std::move(submission)).has_value());
  const auto events = world.log.all().size();

  revoked.permitted = 1;  // when the request comes
  CHECK(world.create("other", "jane").message() ==
        "certificatesigningrequests.certificates.k8s.io is forbidden: User \"jane\" cannot create resource "
        "\"certificatesigningrequests\" in API group \"certificates.k8s.io\" at the cluster scope");
  revoked.permitted = 3;  // the request, approve on the signer, and the request again: not the signer again
  CHECK(world.approve("hers", "jane").message() ==
        "certificatesigningrequests.certificates.k8s.io \"hers\" is forbidden: user not permitted to approve "
        "requests with signerName \"example.com/custom\"");
  CHECK(world.log.all().size() == events);
  revoked.permitted = 4;
  CHECK(world.approve("hers", "jane").status == 200);
}

TEST_CASE("a start writes the shipped roles once, and repairs what is missing of them") {
  Server server;
  server.bootstrap();
  const auto first = server.log.all().size();
  CHECK(first == bootstrap_roles().size() + bootstrap_bindings().size());
  CHECK(engine::decode_context(server.log.all().front().context).actor.user == "csrflow:setup");
  server.bootstrap();
  CHECK(server.log.all().size() == first);

  engine::Submission gone;
  gone.stream = engine::stream_of(rbac::role_streams, "system:basic-user");
  gone.command = engine::Command(engine::ConfigCommand(engine::Delete{}));
  REQUIRE(server.writer->call(std::move(gone)).has_value());
  server.bootstrap();
  CHECK(server.log.all().size() == first + 2);
}

TEST_CASE("a book that is opened on the views knows what one that followed knows") {
  Server server;
  server.bootstrap();
  const RoleBook opened(server.views);
  const auto& known = server.book.current()->objects();
  const auto& read = opened.current()->objects();
  REQUIRE(read.roles.size() == known.roles.size());
  REQUIRE(read.bindings.size() == known.bindings.size());
  for (const auto& [name, role] : known.roles) CHECK(read.roles.at(name)->rules == role->rules);
  for (const auto& [name, binding] : known.bindings)
    CHECK(read.bindings.at(name)->subjects == binding->subjects);
}

TEST_CASE("an aggregated role holds what the selected roles hold, through several steps") {
  Server server;
  server.bootstrap();
  server.bind("admin", "carol");
  server.role(
      {{"metadata",
        {{"name", "csr-view"}, {"labels", {{"rbac.authorization.k8s.io/aggregate-to-view", "true"}}}}},
       {"rules", {rule("certificatesigningrequests", "list")}}});
  // view, then edit, then admin are rewritten, each because of the one before.
  for (int i = 0; i < 3; ++i) server.settle();
  CHECK(server.may("carol", "list", "certificatesigningrequests"));
  const auto settled = server.log.all().size();
  for (int i = 0; i < 3; ++i) server.settle();
  CHECK(server.log.all().size() == settled + 3);
  const auto events = server.log.all();
  CHECK(std::ranges::any_of(events, [](const engine::StoredEvent& event) {
    return event.stream.text == "rbac/clusterroles/view" &&
           engine::decode_context(event.context).actor.user == "csrflow:aggregation";
  }));
}

TEST_CASE("nobody grants what they do not have") {
  Server server;
  server.role({{"metadata", {{"name", "approver"}}},
               {"rules",
                {{{"apiGroups", {"certificates.k8s.io"}},
                  {"resources", {"signers"}},
                  {"resourceNames", {"example.com/*"}},
                  {"verbs", {"approve"}}}}}});
  const EscalationGuard guard(server.authorizer);
  const auto wanted = object_of("x", {{"rules",
                                       {{{"apiGroups", {"certificates.k8s.io"}},
                                         {"resources", {"signers"}},
                                         {"resourceNames", {"example.com/*"}},
                                         {"verbs", {"approve"}}}}}});
  const auto refused = guard.admit(bob(), cluster_roles(), wanted, nullptr);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == 403);
  CHECK(refused.error().message ==
        "clusterroles.rbac.authorization.k8s.io \"x\" is forbidden: user \"bob\" (groups=[\"approvers\" "
        "\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
        "{APIGroups:[\"certificates.k8s.io\"], Resources:[\"signers\"], ResourceNames:[\"example.com/*\"], "
        "Verbs:[\"approve\"]}");
  // What changes nothing grants nothing.
  CHECK(guard.admit(bob(), cluster_roles(), wanted, &wanted).has_value());

  const auto binding = [](const std::string& role) {
    return object_of(
        "b",
        {{"roleRef", {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", role}}}});
  };
  CHECK(guard.admit(bob(), cluster_role_bindings(), binding("approver"), nullptr).error().code == 403);
  CHECK(guard.admit(bob(), cluster_role_bindings(), binding("gone"), nullptr).error().message ==
        "clusterroles.rbac.authorization.k8s.io \"gone\" not found");

  server.bind("approver", "bob");
  CHECK(guard.admit(bob(), cluster_roles(), wanted, nullptr).has_value());
  CHECK(guard.admit(bob(), cluster_role_bindings(), binding("approver"), nullptr).has_value());
}

TEST_CASE("escalate and bind are permissions of their own") {
  Server server;
  const auto rbac_rule = [](const std::string& verb, const std::string& name) -> Json {
    return {{"apiGroups", {"rbac.authorization.k8s.io"}},
            {"resources", {"clusterroles"}},
            {"resourceNames", {name}},
            {"verbs", {verb}}};
  };
  server.role({{"metadata", {{"name", "strong"}}}, {"rules", {rule("*", "*")}}});
  server.role({{"metadata", {{"name", "granter"}}},
               {"rules", {rbac_rule("escalate", "x"), rbac_rule("bind", "strong")}}});
  server.bind("granter", "bob");
  const EscalationGuard guard(server.authorizer);
  const auto before = object_of("x", {{"rules", Json::array()}});
  const auto after = object_of("x", {{"rules", {rule("*", "*")}}});
  CHECK(guard.admit(bob(), cluster_roles(), after, &before).has_value());
  // A creation has no name in its path, so that a permission on the name does not hold.
  CHECK_FALSE(guard.admit(bob(), cluster_roles(), after, nullptr).has_value());
  const auto binding = object_of("b", {{"roleRef", {{"kind", "ClusterRole"}, {"name", "strong"}}}});
  CHECK(guard.admit(bob(), cluster_role_bindings(), binding, nullptr).has_value());
}

TEST_CASE("what gathers permissions needs all of them") {
  Server server;
  const EscalationGuard guard(server.authorizer);
  const auto gathers = object_of(
      "x",
      {{"aggregationRule", {{"clusterRoleSelectors", Json::array({Json::object()})}}}, {"rules", nullptr}});
  const auto refused = guard.admit(bob(), cluster_roles(), gathers, nullptr);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message ==
        "clusterroles.rbac.authorization.k8s.io \"x\" is forbidden: must have cluster-admin privileges to "
        "use the "
        "aggregationRule");
}

TEST_CASE("a node may ask for requests without any role, and for its own name only when it is restricted") {
  Server server;
  engine::Identity node;
  node.user = "system:node:one";
  Attributes create{.verb = "create",
                    .group = "certificates.k8s.io",
                    .resource = "certificatesigningrequests",
                    .subresource = {},
                    .name = {},
                    .namespace_name = {},
                    .path = {}};
  CHECK(server.authorizer.decide(node, create).access == Access::denied);
  node.groups = {"system:nodes"};
  CHECK(server.authorizer.decide(node, create).access == Access::allowed);
  CHECK(server.authorizer.rules_of(node).incomplete);
  create.verb = "delete";
  CHECK(server.authorizer.decide(node, create).access == Access::denied);
  node.user = "system:node:";
  create.verb = "create";
  CHECK(server.authorizer.decide(node, create).access == Access::denied);
}

TEST_CASE("a restricted node asks the signers of kubelets for its own name only") {
  const test::TextInspector inspector;
  engine::Identity node;
  node.user = "system:node:one";
  node.groups = {"system:nodes"};
  const auto asks = [&](const std::string& signer, const std::string& common_name) {
    engine::CsrSpec spec;
    spec.request = "-----BEGIN CERTIFICATE REQUEST-----\nCN=" + common_name + "\n";
    spec.signer_name = {signer};
    engine::CsrObject object;
    object.meta.name = "x";
    object.spec = std::make_shared<const engine::CsrSpec>(std::move(spec));
    const auto answer = restrict_node(node, object, inspector);
    return answer ? "" : answer.error().message;
  };
  CHECK(asks("kubernetes.io/kubelet-serving", "system:node:one").empty());
  CHECK(asks("kubernetes.io/kube-apiserver-client-kubelet", "system:node:two") ==
        "certificatesigningrequests.certificates.k8s.io \"x\" is forbidden: can only create a node CSR with "
        "CN=system:node:one");
  CHECK(asks("example.com/custom", "system:node:two").empty());
  node.groups.clear();
  CHECK(asks("kubernetes.io/kubelet-serving", "system:node:two").empty());
}

}  // namespace csrflow::api
