// Acting as somebody else, through the API and the writer; the words are recorded (auth/impersonate-*).
#include "api/impersonation.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::collection;
using test::Json;
using test::World;

const std::string self_reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

Json user_info(World& world, Headers headers, const std::string& as = "admin") {
  const auto reply = world.ask(
      {.method = "POST", .target = self_reviews, .body = "{}", .headers = std::move(headers), .as = as});
  return reply.status == 201 ? reply.json()["status"]["userInfo"] : Json(reply.message());
}

/// Permits `impersonate` for what is listed as `resource/subresource:name`, and notes what it was asked.
struct Listed final : Authorizer {
  std::vector<std::string> permitted;
  mutable std::vector<std::string> asked;
  AccessDecision decide(const engine::Identity&, const Attributes& attributes) const override {
    CHECK(attributes.verb == "impersonate");
    asked.push_back(attributes.group + ' ' + attributes.resource + '/' + attributes.subresource + ':' +
                    attributes.namespace_name + ':' + attributes.name);
    const bool allowed = std::ranges::find(permitted, asked.back()) != permitted.end();
    return {.access = allowed ? Access::allowed : Access::denied};
  }
};

const auto requester = std::make_shared<const engine::Identity>(engine::Identity{
    .user = "carl", .groups = {"ops"}, .by = engine::Authentication::x509, .credential = "sha256:1"});

TEST_CASE("a request goes on as the user, groups, uid and extras that it names") {
  World world;
  CHECK(user_info(world, {{"Impersonate-User", "bob"},
                          {"Impersonate-Group", "devs"},
                          {"impersonate-group", "ops"},
                          {"Impersonate-Uid", "u7"},
                          {"Impersonate-Extra-Scopes", "view"},
                          {"impersonate-extra-SCOPES", "edit"},
                          {"Impersonate-Extra-example.com%2fkey", "1"}}) ==
        Json{{"username", "bob"},
             {"uid", "u7"},
             {"groups", {"devs", "ops", "system:authenticated"}},
             {"extra", {{"scopes", {"view", "edit"}}, {"example.com/key", {"1"}}}}});
}

TEST_CASE("service accounts have their groups, unless groups are given") {
  World world;
  CHECK(user_info(world, {{"Impersonate-User", "system:serviceaccount:ns:name"}})["groups"] ==
        Json{"system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"});
  CHECK(user_info(world, {{"Impersonate-User", "system:serviceaccount:ns:name"},
                          {"Impersonate-Group", "g"}})["groups"] == Json{"g", "system:authenticated"});
  // Names that no service account has are users.
  CHECK(user_info(world, {{"Impersonate-User", "system:serviceaccount:NS:name"}})["groups"] ==
        Json{"system:authenticated"});
}

TEST_CASE("the system's own groups are added once, and not beside system:unauthenticated") {
  World world;
  Listed all;
  all.permitted = {" users/::system:anonymous", " users/::bob", " groups/::system:unauthenticated",
                   " groups/::system:authenticated"};
  const auto groups = [&](Headers headers) { return impersonated(headers, requester, all).value()->groups; };
  using Groups = std::vector<std::string>;
  CHECK(groups({{"Impersonate-User", "system:anonymous"}}) == Groups{"system:unauthenticated"});
  CHECK(groups({{"Impersonate-User", "bob"}, {"Impersonate-Group", "system:authenticated"}}) ==
        Groups{"system:authenticated"});
  CHECK(groups({{"Impersonate-User", "bob"}, {"Impersonate-Group", "system:unauthenticated"}}) ==
        Groups{"system:unauthenticated"});
}

TEST_CASE(
    "every part is asked for, in Kubernetes' order, and the first that is not permitted is the answer") {
  Listed rules;
  rules.permitted = {" users/::bob", " groups/::a", "authentication.k8s.io userextras/reason::x",
                     "authentication.k8s.io uids/::1"};
  const Headers all{{"Impersonate-Uid", "1"},
                    {"Impersonate-Extra-Reason", "x"},
                    {"Impersonate-Group", "a"},
                    {"Impersonate-User", "bob"}};
  const auto bob = impersonated(all, requester, rules);
  REQUIRE(bob);
  CHECK(rules.asked == rules.permitted);
  CHECK((*bob)->impersonator == requester);
  CHECK((*bob)->by == engine::Authentication::x509);
  CHECK((*bob)->credential == "sha256:1");

  rules.permitted = {" users/::bob", " groups/::a"};
  const auto refused = impersonated(all, requester, rules);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == 403);
  CHECK(refused.error().message ==
        "userextras.authentication.k8s.io \"x\" is forbidden: User \"carl\" cannot impersonate resource "
        "\"userextras/reason\" in API group \"authentication.k8s.io\" at the cluster scope");
  const auto account = impersonated({{"Impersonate-User", "system:serviceaccount:ns:sa"}}, requester, rules);
  CHECK(account.error().message ==
        "serviceaccounts \"sa\" is forbidden: User \"carl\" cannot impersonate resource \"serviceaccounts\" "
        "in API group \"\" in the namespace \"ns\"");
}

TEST_CASE("parts without a user are a 400; an empty user alone is nobody's") {
  Listed nothing;
  CHECK(impersonated({{"Impersonate-Group", "g1"}}, requester, nothing).error().message ==
        "requested [{Group  g1    }] without impersonating a user");
  CHECK(
      impersonated({{"Impersonate-Extra-K", "v"}, {"Impersonate-Uid", "1"}}, requester, nothing)
          .error()
          .message ==
      "requested [{UserExtra  v  authentication.k8s.io/v1  k} {UID  1  authentication.k8s.io/v1  }] without "
      "impersonating a user");
  CHECK(impersonated({{"Impersonate-User", ""}}, requester, nothing).value() == nullptr);
  CHECK(impersonated({{"Accept", "*/*"}}, requester, nothing).value() == nullptr);
}

TEST_CASE("who may not impersonate is told so, and rules are those of the impersonated one") {
  World world;
  CHECK(user_info(world, {{"Impersonate-User", "admin"}}, "jane") ==
        "users \"admin\" is forbidden: User \"jane\" cannot impersonate resource \"users\" in API group \"\" "
        "at "
        "the cluster scope");
  const auto listed =
      world.ask({.method = "GET", .target = collection, .headers = {{"Impersonate-User", "bob"}}});
  CHECK(listed.status == 403);
  CHECK_THAT(listed.message(), Catch::Contains("User \"bob\" cannot list"));
}

TEST_CASE("a request belongs to the impersonated one, and the log names both") {
  World world;
  const auto made = world.ask({.method = "POST",
                               .target = collection,
                               .body = test::request_body("jane").dump(),
                               .headers = {{"Impersonate-User", "bob"}}});
  REQUIRE(made.status == 201);
  CHECK(made.json()["spec"]["username"] == "bob");
  CHECK(made.json()["spec"]["groups"] == Json{"system:authenticated"});
  const auto events = world.log.reader()->stream(engine::csr_stream("jane"));
  REQUIRE(events.size() == 1);
  const auto actor = Json::parse(events.front().context)["actor"];
  CHECK(actor["user"] == "bob");
  CHECK(actor["auth"] == "token");
  CHECK(actor["impersonator"] == Json{{"user", "admin"},
                                      {"uid", "uid-admin"},
                                      {"groups", {"system:masters", "system:authenticated"}}});
}

}  // namespace
}  // namespace csrflow::api
