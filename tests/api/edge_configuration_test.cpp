// The verbs over resources without a workflow: what they share with requests is tested there.
#include "api/table.hpp"
#include "api/watch_frame.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::Json;
using test::World;

const std::string roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const std::string bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
const std::string rbac_group = "rbac.authorization.k8s.io";

const Json approve_rule = {{"verbs", {"approve"}},
                           {"apiGroups", {"certificates.k8s.io"}},
                           {"resources", {"signers"}},
                           {"resourceNames", {"example.com/*"}}};

Json role(const std::string& name) {
  return {{"apiVersion", rbac_group + "/v1"},
          {"kind", "ClusterRole"},
          {"metadata", {{"name", name}}},
          {"rules", {approve_rule}}};
}

Json binding(const std::string& name, Json subjects) {
  return {{"apiVersion", rbac_group + "/v1"},
          {"kind", "ClusterRoleBinding"},
          {"metadata", {{"name", name}}},
          {"subjects", std::move(subjects)},
          {"roleRef", {{"kind", "ClusterRole"}, {"name", "approver"}}}};
}

test::Reply post(World& world, const std::string& path, const Json& body) {
  return world.ask({.method = "POST", .target = path, .body = body.dump()});
}
test::Reply put(World& world, const std::string& path, const Json& body) {
  return world.ask({.method = "PUT", .target = path, .body = body.dump()});
}
test::Reply patch(World& world, const std::string& path, const Json& body) {
  return world.ask({.method = "PATCH",
                    .target = path,
                    .body = body.dump(),
                    .headers = {{"Content-Type", "application/merge-patch+json"}}});
}

/// Without managedFields, whose times move.
Json shown(const test::Reply& reply) {
  Json object = reply.json();
  if (object.contains("metadata")) object["metadata"].erase("managedFields");
  return object;
}

/// `field: message` of each cause.
std::vector<std::string> causes(const test::Reply& reply) {
  std::vector<std::string> list;
  const Json answer = reply.json();
  for (const Json& cause : answer["details"]["causes"])
    list.push_back(cause.value("field", "") + ": " + cause.value("message", ""));
  return list;
}

}  // namespace

TEST_CASE("a role is created, read, listed, replaced, patched and deleted") {
  World world;
  const auto made = post(world, roles, role("approver"));
  REQUIRE(made.status == 201);
  Json object = made.json();
  CHECK(object["kind"] == "ClusterRole");
  CHECK(object["rules"] == Json::array({approve_rule}));
  CHECK(object["metadata"]["resourceVersion"] == "1");
  CHECK(world.get(roles + "/approver").json() == object);

  const auto list = world.get(roles).json();
  CHECK(list["kind"] == "ClusterRoleList");
  REQUIRE(list["items"].size() == 1);
  CHECK(list["items"][0]["rules"] == object["rules"]);

  object["rules"][0]["verbs"] = {"sign"};
  const auto replaced = put(world, roles + "/approver", object);
  REQUIRE(replaced.status == 200);
  CHECK(replaced.json()["metadata"]["resourceVersion"] == "2");
  CHECK(put(world, roles + "/approver", object).status == 409);

  const auto patched = patch(world, roles + "/approver", {{"metadata", {{"labels", {{"a", "b"}}}}}});
  REQUIRE(patched.status == 200);
  CHECK(patched.json()["rules"][0]["verbs"] == Json{"sign"});
  CHECK(world.get(roles + "?labelSelector=a%3Db").json()["items"].size() == 1);
  CHECK(world.get(roles + "?labelSelector=a%3Dc").json()["items"].empty());

  const auto gone = world.ask({.method = "DELETE", .target = roles + "/approver"});
  REQUIRE(gone.status == 200);
  CHECK(gone.json()["details"]["kind"] == "clusterroles");
  CHECK(gone.json()["details"]["group"] == rbac_group);
  CHECK(world.get(roles + "/approver").message() ==
        "clusterroles.rbac.authorization.k8s.io \"approver\" not found");
}

TEST_CASE("a role that is not recent comes from the views, and can be changed from there") {
  World world({}, {}, {.objects = 0});
  const auto made = post(world, roles, role("approver")).json();
  CHECK(world.get(roles + "/approver").json() == made);
  const auto emptied = patch(world, roles + "/approver", {{"rules", nullptr}});
  CHECK(emptied.status == 200);
  CHECK(emptied.json()["rules"].is_null());
}

TEST_CASE("a change of nothing is none") {
  World world;
  const auto made = post(world, roles, role("approver"));
  CHECK(shown(put(world, roles + "/approver", made.json())) == shown(made));
  CHECK(shown(patch(world, roles + "/approver", Json::object())) == shown(made));
  CHECK(world.get(roles).json()["metadata"]["resourceVersion"] == "1");
}

TEST_CASE("a list of roles at an earlier version, and each kind by itself") {
  World world;
  post(world, roles, role("a"));
  post(world, roles, role("b"));
  post(world, bindings, binding("c", Json::array()));
  world.create("jane");
  CHECK(world.get(roles).json()["items"].size() == 2);
  CHECK(world.get(bindings).json()["items"].size() == 1);
  CHECK(world.get(test::collection).json()["items"].size() == 1);
  const auto earlier = world.get(roles + "?resourceVersion=1&resourceVersionMatch=Exact").json();
  REQUIRE(earlier["items"].size() == 1);
  CHECK(earlier["items"][0]["metadata"]["name"] == "a");
}

TEST_CASE("deletecollection deletes the roles that are selected") {
  World world;
  auto marked = role("a");
  marked["metadata"]["labels"] = {{"team", "web"}};
  post(world, roles, marked);
  post(world, roles, role("b"));
  CHECK(world.ask({.method = "DELETE", .target = roles + "?labelSelector=team"}).status == 200);
  const auto left = world.get(roles).json()["items"];
  REQUIRE(left.size() == 1);
  CHECK(left[0]["metadata"]["name"] == "b");
}

TEST_CASE("the last finalizer ends a deleted role, which is shown without it") {
  World world;
  auto held = role("approver");
  held["metadata"]["finalizers"] = {"example.com/hold"};
  post(world, roles, held);
  const auto marked = world.ask({.method = "DELETE", .target = roles + "/approver"});
  CHECK(marked.json()["metadata"].contains("deletionTimestamp"));
  const auto last = patch(world, roles + "/approver", {{"metadata", {{"finalizers", nullptr}}}});
  CHECK(last.status == 200);
  CHECK_FALSE(last.json()["metadata"].contains("finalizers"));
  CHECK(last.json()["metadata"]["resourceVersion"] == marked.json()["metadata"]["resourceVersion"]);
  CHECK(world.get(roles + "/approver").status == 404);
}

TEST_CASE("a generated name, and a dry run of a role") {
  World world;
  auto unnamed = role("");
  unnamed["metadata"] = {{"generateName", "team-"}};
  const auto made = post(world, roles, unnamed);
  REQUIRE(made.status == 201);
  CHECK(made.json()["metadata"]["name"].get<std::string>().starts_with("team-"));
  CHECK(post(world, roles + "?dryRun=All", role("approver")).status == 201);
  CHECK(world.get(roles + "/approver").status == 404);
}

TEST_CASE("roles and bindings are checked in Kubernetes' words") {
  World world;
  auto wrong = role("a%b");
  wrong["rules"] = Json::array(
      {Json::object(), {{"verbs", {"get"}}, {"nonResourceURLs", {"/x"}}, {"resources", {"pods"}}}});
  wrong["aggregationRule"] = Json::object();
  const auto refused = post(world, roles, wrong);
  CHECK(refused.status == 422);
  CHECK(causes(refused) ==
        std::vector<std::string>{
            "metadata.name: Invalid value: \"a%b\": may not contain '%'",
            "rules[0].verbs: Required value: verbs must contain at least one value",
            "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
            "rules[0].resources: Required value: resource rules must supply at least one resource",
            "rules[1].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources "
            "and non-resource URLs",
            "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required "
            "if aggregationRule is non-nil"});

  auto selecting = role("s");
  selecting["aggregationRule"] = {
      {"clusterRoleSelectors",
       Json::array({{{"matchLabels", {{"a", "b"}}}},
                    {{"matchExpressions",
                      {{{"key", "a"}, {"operator", "Near"}}, {{"key", "b"}, {"operator", "In"}}}}}})}};
  CHECK(causes(post(world, roles, selecting)) ==
        std::vector<std::string>{
            "aggregationRule.clusterRoleSelectors[1].matchExpressions[0].operator: Invalid value: \"Near\": "
            "not a "
            "valid selector operator",
            "aggregationRule.clusterRoleSelectors[1].matchExpressions[1].values: Required value: must be "
            "specified "
            "when `operator` is 'In' or 'NotIn'",
            "aggregationRule.clusterRoleSelectors[1]: Invalid value: null: invalid label selector."});

  auto bound = binding("b", {{{"kind", "ServiceAccount"}, {"name", "A"}},
                             {{"kind", "User"}, {"name", ""}, {"apiGroup", "x"}},
                             {{"kind", "Team"}, {"name", "t"}}});
  bound["roleRef"] = {{"kind", "Role"}};
  const auto unbound = post(world, bindings, bound);
  CHECK(unbound.status == 422);
  const auto found = causes(unbound);
  REQUIRE(found.size() == 8);
  CHECK(found[0] == "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"");
  CHECK(found[1] == "roleRef.name: Required value");
  CHECK(found[2].starts_with("subjects[0].name: Invalid value: \"A\": a lowercase RFC 1123 subdomain"));
  CHECK(found[3] == "subjects[0].namespace: Required value");
  CHECK(found[4] == "subjects[1].name: Required value");
  CHECK(found[5] == "subjects[1].name: Invalid value: \"\": user name cannot be empty");
  CHECK(found[6] ==
        "subjects[1].apiGroup: Unsupported value: \"x\": supported values: \"rbac.authorization.k8s.io\"");
  CHECK(found[7] ==
        "subjects[2].kind: Unsupported value: \"Team\": supported values: \"ServiceAccount\", \"User\", "
        "\"Group\"");
}

TEST_CASE("a binding gets its groups by default, and keeps its role") {
  World world;
  const auto made = post(world, bindings,
                         binding("b", {{{"kind", "Group"}, {"name", "approvers"}},
                                       {{"kind", "ServiceAccount"}, {"name", "sa"}, {"namespace", "ns"}}}));
  REQUIRE(made.status == 201);
  CHECK(made.json()["roleRef"]["apiGroup"] == rbac_group);
  CHECK(made.json()["subjects"][0]["apiGroup"] == rbac_group);
  CHECK_FALSE(made.json()["subjects"][1].contains("apiGroup"));
  auto changed = made.json();
  changed["roleRef"]["name"] = "other";
  const auto refused = put(world, bindings + "/b", changed);
  CHECK(refused.status == 422);
  CHECK(causes(refused) ==
        std::vector<std::string>{"roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\","
                                 "\"Kind\":\"ClusterRole\",\"Name\":\"other\"}: cannot change roleRef"});
}

TEST_CASE("unknown fields of a role warn, or refuse it") {
  World world;
  auto odd = role("approver");
  odd["rules"][0]["colour"] = "red";
  const auto warned = post(world, roles, odd);
  CHECK(warned.status == 201);
  CHECK(warned.headers.get("Warning") == R"(299 - "unknown field \"rules[0].colour\"")");
  const auto strict = post(world, roles + "?fieldValidation=Strict", odd);
  CHECK(strict.status == 400);
  CHECK(strict.message() ==
        "ClusterRole in version \"v1\" cannot be handled as a ClusterRole: strict decoding error: unknown "
        "field \"rules[0].colour\"");
  auto other = role("x");
  other["kind"] = "ClusterRoleBinding";
  CHECK(post(world, roles, other).status == 400);
}

TEST_CASE("roles and bindings as tables") {
  World world;
  post(world, roles, role("approver"));
  post(world, bindings,
       binding("b", {{{"kind", "User"}, {"name", "bob"}},
                     {{"kind", "User"}, {"name", "eve"}},
                     {{"kind", "ServiceAccount"}, {"name", "sa"}, {"namespace", "ns"}}}));
  const auto table = [&](const std::string& path) {
    return world
        .ask({.method = "GET",
              .target = path,
              .headers = {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}}})
        .json();
  };
  const Json of_roles = table(roles);
  CHECK(of_roles["columnDefinitions"][1]["name"] == "Created At");
  CHECK(of_roles["columnDefinitions"][1]["type"] == "date");
  const Json role_cells = of_roles["rows"][0]["cells"];
  REQUIRE(role_cells.size() == 2);
  CHECK(role_cells[0] == "approver");
  CHECK(role_cells[1] == of_roles["rows"][0]["object"]["metadata"]["creationTimestamp"]);
  const Json of_bindings = table(bindings);
  CHECK(of_bindings["columnDefinitions"][2]["priority"] == 0);
  CHECK(of_bindings["columnDefinitions"][3]["priority"] == 1);
  const Json cells = of_bindings["rows"][0]["cells"];
  REQUIRE(cells.size() == 6);
  CHECK(cells[0] == "b");
  CHECK(cells[1] == "ClusterRole/approver");
  CHECK(cells[2].is_string());
  CHECK(cells[3] == "bob, eve");
  CHECK(cells[4] == "");
  CHECK(cells[5] == "ns/sa");
}

TEST_CASE("a role in protobuf comes back as it went in") {
  World world;
  auto held = role("approver");
  const Json term = {{"key", "c"}, {"operator", "In"}, {"values", {"d"}}};
  Json selector = {{"matchLabels", {{"a", "b"}}}};
  selector["matchExpressions"] = Json::array({term});
  held["aggregationRule"]["clusterRoleSelectors"] = Json::array({selector});
  REQUIRE(post(world, roles, held).status == 201);
  const auto object = world.get(roles + "/approver");
  REQUIRE(object.json()["metadata"].contains("managedFields"));
  const auto packed = world.ask({.method = "GET",
                                 .target = roles + "/approver",
                                 .headers = {{"Accept", "application/vnd.kubernetes.protobuf"}}});
  REQUIRE(packed.status == 200);
  CHECK(packed.headers.get("Content-Type") == "application/vnd.kubernetes.protobuf");
  const auto same = world.ask({.method = "PUT",
                               .target = roles + "/approver",
                               .body = packed.body,
                               .headers = {{"Content-Type", "application/vnd.kubernetes.protobuf"}}});
  REQUIRE(same.status == 200);
  CHECK(shown(same) == shown(object));
}

TEST_CASE("roles and bindings have a form for watches in protobuf, bookmarks included") {
  for (const Resource* resource : {&cluster_roles(), &cluster_role_bindings()}) {
    REQUIRE(has_protobuf_form(resource->kind));
    const auto frame = protobuf_watch_event("BOOKMARK", bookmark_object(*resource, {}, {7}, true));
    CHECK(frame.find(resource->kind) != std::string::npos);
    CHECK(frame.find("k8s.io/initial-events-end") != std::string::npos);
  }
}

TEST_CASE("who may not have a role is refused before it is checked") {
  struct OpenOnly final : ConfigAdmission {
    std::expected<void, Status> admit(const engine::Identity& user, const Resource& resource,
                                      const engine::ConfigObject& wanted,
                                      const engine::ConfigObject* stored) const override {
      if (wanted.meta.labels.contains("open")) return {};
      return std::unexpected(status::forbidden(resource.resource_name(), wanted.meta.name,
                                               user.user + (stored ? " changes" : " creates")));
    }
  };
  const OpenOnly admission;
  World world({}, {}, {}, nullptr, &admission);
  auto wrong = role("approver");
  wrong["rules"] = Json::array({Json::object()});
  CHECK(post(world, roles, wrong).status == 403);
  auto open = role("approver");
  open["metadata"]["labels"] = {{"open", "yes"}};
  CHECK(post(world, roles, open).status == 201);
  const auto closed = patch(world, roles + "/approver", {{"metadata", {{"labels", nullptr}}}});
  CHECK(closed.status == 403);
  CHECK(closed.message() ==
        "clusterroles.rbac.authorization.k8s.io \"approver\" is forbidden: admin changes");
}

}  // namespace csrflow::api
