// DELETE: its options in body and query, finalizers of the garbage collector, preconditions of many.
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::collection;
using test::Json;
using test::Reply;
using test::World;

Reply remove(World& world, const std::string& rest, const std::string& body = "") {
  return world.ask({.method = "DELETE", .target = collection + rest, .body = body});
}

Json held_by(const std::string& finalizer) {
  return {{"metadata", {{"finalizers", {finalizer}}}}};
}

TEST_CASE("a grace period in the query must be a number, though it has no meaning here") {
  World world;
  world.create("jane");
  const auto refused = remove(world, "/jane?gracePeriodSeconds=abc");
  CHECK(refused.status == 400);
  CHECK(refused.message() == "strconv.ParseInt: parsing \"abc\": invalid syntax");
  CHECK(remove(world, "/jane?gracePeriodSeconds=30").status == 200);
}

TEST_CASE("preconditions may stand in the query") {
  World world;
  const auto made = world.create("jane").json();
  const auto other = remove(world, "/jane?uid=x");
  CHECK(other.status == 409);
  CHECK_THAT(other.message(), Catch::Contains("the UID in the precondition (x) does not match"));
  CHECK(remove(world, "/jane?resourceVersion=9").status == 409);
  CHECK(remove(world, "/jane?uid=" + made["metadata"]["uid"].get<std::string>()).status == 200);
}

TEST_CASE("without a body its type is no matter") {
  World world;
  world.create("jane");
  CHECK(world
            .ask({.method = "DELETE",
                  .target = collection + "/jane",
                  .headers = {{"Content-Type", "text/plain"}}})
            .status == 200);
}

TEST_CASE("explicit Background deletes what the garbage collector's finalizers would hold") {
  const std::string finalizer = GENERATE("orphan", "foregroundDeletion");
  World world;
  world.create("jane", "admin", held_by(finalizer));
  const auto gone = remove(world, "/jane", R"({"propagationPolicy":"Background"})");
  CHECK(gone.json()["kind"] == "Status");
  CHECK(world.get(collection + "/jane").status == 404);
}

TEST_CASE("without a word the garbage collector's finalizers are honoured, and its work is done at once") {
  const std::string finalizer = GENERATE("orphan", "foregroundDeletion");
  World world;
  world.create("jane", "admin", held_by(finalizer));
  const auto marked = remove(world, "/jane").json();
  CHECK(marked["metadata"]["finalizers"] == Json{finalizer});
  CHECK(marked["metadata"].contains("deletionTimestamp"));
  CHECK(world.get(collection + "/jane").status == 404);
}

TEST_CASE("a deletion of many ends at the first whose precondition fails, in its words") {
  World world;
  const auto first = world.create("a").json()["metadata"];
  world.create("b");
  world.create("c");
  const auto refused = remove(world, "?uid=" + first["uid"].get<std::string>());
  CHECK(refused.status == 409);
  CHECK(refused.json()["details"]["name"] == "b");
  CHECK_THAT(refused.message(), Catch::Contains("the UID in the precondition"));
  CHECK(world.get(collection + "/a").status == 404);
  CHECK(world.get(collection + "/c").status == 200);
}

TEST_CASE("a deletion of some says where to go on") {
  World world;
  for (const auto* name : {"a", "b", "c"}) world.create(name);
  const auto gone = remove(world, "?limit=2").json();
  CHECK(gone["items"].size() == 2);
  CHECK(gone["metadata"]["remainingItemCount"] == 1);
  CHECK(gone["metadata"].contains("continue"));
  CHECK(world.get(collection).json()["items"].size() == 1);
}

}  // namespace
}  // namespace csrflow::api
