// `Idempotency-Key`: a creation that comes twice is done once, and answered twice.
#include <set>

#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::collection;
using test::Json;
using test::Reply;
using test::World;

const std::string roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

Reply post(World& world, const Json& body, const std::string& key, const std::string& as = "jane",
           const std::string& target = collection) {
  return world.ask({.method = "POST",
                    .target = target,
                    .body = body.dump(),
                    .headers = {{"Idempotency-Key", key}},
                    .as = as});
}

Json generated(const std::string& prefix) {
  auto body = test::request_body("x");
  body["metadata"] = {{"generateName", prefix}};
  return body;
}

std::size_t created(const World& world) {
  std::size_t count = 0;
  for (const auto& event : world.log.all()) count += event.type == "created" || event.type == "applied";
  return count;
}

TEST_CASE("the same request under the same key is done once and answered as it was") {
  World world;
  const auto first = post(world, test::request_body("hers"), "k1");
  REQUIRE(first.status == 201);
  const auto again = post(world, test::request_body("hers"), "k1");
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(world.log.all().size() == 1);
}

TEST_CASE("what became of the object since does not change the answer, and nothing is made anew") {
  World world;
  const auto first = post(world, test::request_body("hers"), "k1");
  REQUIRE(world.approve("hers").status == 200);
  CHECK(post(world, test::request_body("hers"), "k1").body == first.body);
  REQUIRE(world.ask({.method = "DELETE", .target = collection + "/hers"}).status == 200);
  CHECK(post(world, test::request_body("hers"), "k1").body == first.body);
  CHECK(world.get(collection + "/hers").status == 404);
  CHECK(created(world) == 1);
}

TEST_CASE("a name that the server made is the same for the same key") {
  World world;
  const auto first = post(world, generated("hers-"), "k1");
  REQUIRE(first.status == 201);
  CHECK(post(world, generated("hers-"), "k1").body == first.body);
  const auto other = post(world, generated("hers-"), "k2");
  REQUIRE(other.status == 201);
  CHECK(other.json()["metadata"]["name"] != first.json()["metadata"]["name"]);
  CHECK(created(world) == 2);
}

TEST_CASE("another body under the key is a 422 that says so") {
  World world;
  REQUIRE(post(world, test::request_body("hers"), "k1").status == 201);
  auto other = test::request_body("hers");
  other["spec"]["expirationSeconds"] = 3600;
  const auto refused = post(world, other, "k1");
  CHECK(refused.status == 422);
  CHECK(refused.json()["reason"] == "Invalid");
  CHECK(refused.message() ==
        "the Idempotency-Key of this request was used before, with another body, to create "
        "certificatesigningrequests.certificates.k8s.io \"hers\": send that body again, or another key");
  auto generated_other = generated("hers-");
  REQUIRE(post(world, generated_other, "k2").status == 201);
  generated_other["spec"]["expirationSeconds"] = 3600;
  CHECK(post(world, generated_other, "k2").status == 422);
  CHECK(created(world) == 2);
}

TEST_CASE("a key is its user's, and another key is another request") {
  World world;
  REQUIRE(post(world, test::request_body("hers"), "k1", "jane").status == 201);
  CHECK(post(world, test::request_body("hers"), "k1", "bob").status == 409);
  CHECK(post(world, test::request_body("hers"), "k2", "jane").status == 409);
  CHECK(world.create("hers", "jane").status == 409);
}

TEST_CASE("a dry run is no first request, and no second one") {
  World world;
  const auto target = collection + "?dryRun=All";
  CHECK(post(world, test::request_body("hers"), "k1", "jane", target).status == 201);
  CHECK(world.log.all().empty());
  REQUIRE(post(world, test::request_body("hers"), "k1").status == 201);
  CHECK(post(world, test::request_body("hers"), "k1", "jane", target).status == 409);
}

TEST_CASE("configuration objects are remembered as well") {
  World world;
  const Json role{{"apiVersion", "rbac.authorization.k8s.io/v1"},
                  {"kind", "ClusterRole"},
                  {"metadata", {{"name", "r"}}},
                  {"rules", Json::array()}};
  const auto first = post(world, role, "k1", "admin", roles);
  REQUIRE(first.status == 201);
  CHECK(post(world, role, "k1", "admin", roles).body == first.body);
  CHECK(created(world) == 1);
}

TEST_CASE("many at once under one key make one object, and all get it") {
  World world;
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 20; ++i)
    replies.push_back(world.start({.method = "POST",
                                   .target = collection,
                                   .body = generated("hers-").dump(),
                                   .headers = {{"Idempotency-Key", "k1"}},
                                   .as = "jane"}));
  std::set<std::string> bodies;
  for (auto& reply : replies) {
    const auto got = reply.get();
    REQUIRE(got.status == 201);
    bodies.insert(got.body);
  }
  CHECK(bodies.size() == 1);
  CHECK(created(world) == 1);
}

TEST_CASE("who may no longer create is not answered from memory; a key has a length") {
  World world;
  REQUIRE(post(world, test::request_body("hers"), "k1").status == 201);
  CHECK(world
            .ask({.method = "POST",
                  .target = collection,
                  .body = test::request_body("hers").dump(),
                  .headers = {{"Idempotency-Key", "k1"}},
                  .as = ""})
            .status == 403);
  CHECK(post(world, test::request_body("a"), std::string(255, 'k')).status == 201);
  CHECK(post(world, test::request_body("b"), std::string(256, 'k')).status == 400);
}

}  // namespace
}  // namespace csrflow::api
