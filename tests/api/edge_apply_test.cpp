// Server-side apply and managedFields over the whole API.
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::collection;
using test::Json;
using test::World;

test::Reply apply(World& world, const std::string& path, const Json& configuration,
                  const std::string& query = "?fieldManager=m1") {
  return world.ask({.method = "PATCH",
                    .target = collection + '/' + path + query,
                    .body = configuration.dump(),
                    .headers = {{"Content-Type", "application/apply-patch+yaml"}}});
}

Json labelled(const std::string& name, const Json& labels) {
  auto body = test::request_body(name);
  body["apiVersion"] = "certificates.k8s.io/v1";
  body["kind"] = "CertificateSigningRequest";
  body["metadata"]["labels"] = labels;
  return body;
}

const Json none = Json::array();

Json managed(const test::Reply& reply) {
  return reply.json()["metadata"].value("managedFields", none);
}

std::string version_of(const test::Reply& reply) {
  return reply.json()["metadata"]["resourceVersion"];
}

TEST_CASE("apply creates what is not there, once, and then changes it") {
  World world;
  const auto made = apply(world, "jane", labelled("jane", {{"a", "1"}}));
  CHECK(made.status == 201);
  REQUIRE(managed(made).size() == 1);
  CHECK(managed(made)[0]["manager"] == "m1");
  CHECK(managed(made)[0]["operation"] == "Apply");
  const auto same = apply(world, "jane", labelled("jane", {{"a", "1"}}));
  CHECK(same.status == 200);
  CHECK(version_of(same) == version_of(made));
  const auto changed = apply(world, "jane", labelled("jane", {{"b", "2"}}));
  CHECK(changed.status == 200);
  CHECK(changed.json()["metadata"]["labels"] == Json{{"b", "2"}});
  CHECK(version_of(changed) != version_of(made));
  CHECK(world.get(collection + "/jane").body == changed.body);
}

TEST_CASE("a dry run of an apply stores nothing") {
  World world;
  const auto tried = apply(world, "jane", labelled("jane", {}), "?fieldManager=m1&dryRun=All");
  CHECK(tried.status == 201);
  CHECK(world.get(collection + "/jane").status == 404);
}

TEST_CASE("apply needs a manager, and an object of that name") {
  World world;
  CHECK(
      apply(world, "jane", labelled("jane", {}), "").message() ==
      "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
  CHECK(apply(world, "jane", labelled("joe", {})).status == 400);
  CHECK(apply(world, "jane/status", labelled("jane", {})).status == 404);
}

TEST_CASE("what another manages is a conflict, unless it is taken by force") {
  World world;
  world.create("jane", "admin", {{"metadata", {{"labels", {{"a", "1"}}}}}});
  const auto refused = apply(world, "jane", labelled("jane", {{"a", "2"}}));
  CHECK(refused.status == 409);
  CHECK(refused.json()["details"]["causes"][0]["field"] == ".metadata.labels.a");
  const auto forced = apply(world, "jane", labelled("jane", {{"a", "2"}}), "?fieldManager=m1&force=true");
  CHECK(forced.status == 200);
  CHECK(forced.json()["metadata"]["labels"]["a"] == "2");
}

TEST_CASE("an approval is noted where managedFields are kept, and begins none where not") {
  World world;
  CHECK(managed(world.create("plain")).empty());
  CHECK(managed(world.approve("plain")).empty());
  world.create("kept", "admin", {{"metadata", {{"labels", {{"a", "1"}}}}}});
  const auto approved = world.approve("kept");
  REQUIRE(managed(approved).size() == 2);
  CHECK(managed(approved)[1]["subresource"] == "approval");
}

TEST_CASE("an approval can be applied") {
  World world;
  world.create("jane");
  const Json approval = {{"apiVersion", "certificates.k8s.io/v1"},
                         {"kind", "CertificateSigningRequest"},
                         {"metadata", {{"name", "jane"}}},
                         {"status", {{"conditions", {{{"type", "Approved"}, {"status", "True"}}}}}}};
  const auto approved = apply(world, "jane/approval", approval);
  CHECK(approved.status == 200);
  CHECK(approved.json()["status"]["conditions"][0]["type"] == "Approved");
  CHECK(managed(approved)[0]["subresource"] == "approval");
}

}  // namespace
}  // namespace csrflow::api
