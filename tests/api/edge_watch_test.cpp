#include "api/resource.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;
using test::collection;
using test::Json;
using test::World;

std::string brief(const Json& event) {
  if (event.is_null()) return "end";
  return event["type"].get<std::string>() + ' ' + event["object"]["metadata"].value("name", "") + '@' +
         event["object"]["metadata"].value("resourceVersion", "");
}

void label(World& world, const std::string& name, const std::string& value) {
  const auto reply = world.ask({.method = "PATCH",
                                .target = collection + '/' + name,
                                .body = R"({"metadata":{"labels":{"x":)" + value + "}}}",
                                .headers = {{"Content-Type", "application/merge-patch+json"}}});
  REQUIRE(reply.status == 200);
}

TEST_CASE("a watch shows what is there, then each change once and in order") {
  World world;
  world.create("a");
  const auto first = world.watch(""), second = world.watch("&resourceVersion=0");
  for (const auto& watch : {first, second}) CHECK(brief(watch->next()) == "ADDED a@1");
  world.create("b");
  world.approve("a");
  world.ask({.method = "DELETE", .target = collection + "/a"});
  for (const auto& watch : {first, second}) {
    CHECK(brief(watch->next()) == "ADDED b@2");
    const auto approved = watch->next();
    CHECK(brief(approved) == "MODIFIED a@3");
    CHECK(approved["object"]["kind"] == "CertificateSigningRequest");
    CHECK(brief(watch->next()) == "DELETED a@4");
  }
}

TEST_CASE("watchers of the same form share the bytes of an event") {
  World world;
  world.create("first");
  const auto one = world.watch("&resourceVersion=1"), other = world.watch("&resourceVersion=1");
  world.create("a");
  CHECK(one->next_bytes() == other->next_bytes());
}

TEST_CASE("a watch from a version shows what came after it, however old") {
  WatchLimits limits;
  limits.recent_records = 2;
  limits.page = 3;
  World world({}, limits);
  for (const auto* name : {"a", "b", "c", "d", "e", "f", "g", "h"}) world.create(name);
  const auto watch = world.watch("&resourceVersion=1");
  for (const auto* expected :
       {"ADDED b@2", "ADDED c@3", "ADDED d@4", "ADDED e@5", "ADDED f@6", "ADDED g@7", "ADDED h@8"})
    CHECK(brief(watch->next()) == expected);
  world.create("i");
  CHECK(brief(watch->next()) == "ADDED i@9");
}

TEST_CASE("an initial list longer than a page shows one moment") {
  WatchLimits limits;
  limits.page = 2;
  World world({}, limits);
  for (const auto* name : {"a", "b", "c", "d", "e"}) world.create(name);
  const auto watch = world.watch("");
  for (const auto* expected : {"ADDED a@1", "ADDED b@2", "ADDED c@3", "ADDED d@4", "ADDED e@5"})
    CHECK(brief(watch->next()) == expected);
}

TEST_CASE("a watch from the future waits silently") {
  World world;
  world.create("a");
  const auto watch = world.watch("&resourceVersion=2");
  world.create("b");
  world.create("c");
  CHECK(brief(watch->next()) == "ADDED c@3");
}

TEST_CASE("entering a selector is ADDED, leaving it DELETED with the new version and the old content") {
  World world;
  world.create("a");
  const auto watch = world.watch("&resourceVersion=1&labelSelector=x%3D1");
  label(world, "a", "\"1\"");
  CHECK(brief(watch->next()) == "ADDED a@2");
  label(world, "a", "\"2\"");
  const auto left = watch->next();
  CHECK(brief(left) == "DELETED a@3");
  CHECK(left["object"]["metadata"]["labels"] == Json{{"x", "1"}});
  label(world, "a", "\"3\"");
  world.create("b", "admin", {{"metadata", {{"labels", {{"x", "1"}}}}}});
  CHECK(brief(watch->next()) == "ADDED b@5");
}

TEST_CASE("field selectors choose by name and by signer") {
  World world;
  const auto by_name = world.watch("&fieldSelector=metadata.name%3Db");
  const auto by_signer = world.watch("&fieldSelector=spec.signerName%3Dother.example.com%2Fs");
  world.create("a", "admin", {{"spec", {{"signerName", "other.example.com/s"}}}});
  world.create("b");
  CHECK(brief(by_name->next()) == "ADDED b@2");
  CHECK(brief(by_signer->next()) == "ADDED a@1");
}

TEST_CASE("initial events end with an annotated bookmark") {
  World world;
  world.create("a");
  const auto watch =
      world.watch("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  CHECK(brief(watch->next()) == "ADDED a@1");
  const auto end = watch->next();
  CHECK(
      end ==
      Json::parse(
          R"({"type":"BOOKMARK","object":{"kind":"CertificateSigningRequest","apiVersion":"certificates.k8s.io/v1",
      "metadata":{"resourceVersion":"1","annotations":{"k8s.io/initial-events-end":"true"}},
      "spec":{"request":null,"signerName":""},"status":{}}})"));
  world.create("b");
  CHECK(brief(watch->next()) == "ADDED b@2");
}

TEST_CASE("sendInitialEvents=false starts from now; without bookmarks none comes") {
  World world;
  world.create("a");
  const auto from_now =
      world.watch("&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  const auto no_bookmark = world.watch("&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
  CHECK(brief(no_bookmark->next()) == "ADDED a@1");
  world.create("b");
  CHECK(brief(from_now->next()) == "ADDED b@2");
  CHECK(brief(no_bookmark->next()) == "ADDED b@2");
}

TEST_CASE("bookmarks come for who wants them, and time ends the watch cleanly") {
  WatchLimits limits;
  limits.bookmark_every = 10ms;
  World world({}, limits);
  world.create("a");
  const auto watch = world.watch("&resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=1");
  const auto bookmark = watch->next();
  CHECK(brief(bookmark) == "BOOKMARK @1");
  Json last = bookmark;
  while (!last.is_null()) last = watch->next();
}

TEST_CASE("a reader that is slow reads the rest from the log, and nobody waits for it") {
  WatchLimits limits;
  limits.recent_records = 4;
  limits.page = 4;
  World world({}, limits);
  world.create("first");
  const auto slow = world.watch("&resourceVersion=1", 2);
  const auto fast = world.watch("&resourceVersion=1");
  for (int i = 0; i < 20; ++i) {
    world.create("n" + std::to_string(i));
    CHECK(brief(fast->next()) == "ADDED n" + std::to_string(i) + '@' + std::to_string(i + 2));
  }
  CHECK(slow->refused());
  for (int i = 0; i < 20; ++i)
    CHECK(brief(slow->next()) == "ADDED n" + std::to_string(i) + '@' + std::to_string(i + 2));
  world.create("last");
  CHECK(brief(slow->next()) == "ADDED last@22");
}

TEST_CASE("a Table's columns come with the first event only") {
  World world;
  const auto stream = std::make_shared<test::MemoryStream>(100);
  world.create("a");
  WatchForm form{.resource = &certificate_signing_requests(),
                 .answer = {.shape = Shape::table},
                 .include = IncludeObject::metadata};
  world.followers->watches.open(stream,
                                {.form = form, .selector = {}, .start = {.initial = true}, .timeout = 10s});
  const auto first = stream->next();
  CHECK(first["object"]["kind"] == "Table");
  CHECK(first["object"]["columnDefinitions"].size() == 6);
  world.create("b");
  const auto second = stream->next();
  CHECK(second["object"]["rows"][0]["cells"][0] == "b");
  CHECK(second["object"]["columnDefinitions"].is_null());
}

TEST_CASE("a client that goes is forgotten, and stopping ends all watches") {
  World world;
  const auto gone = world.watch("&resourceVersion=1"), stays = world.watch("&resourceVersion=1");
  gone->leave();
  world.create("a");
  world.create("b");
  CHECK(brief(stays->next()) == "ADDED b@2");
  world.followers->watches.stop();
  CHECK(brief(stays->next()) == "end");
}

}  // namespace
}  // namespace csrflow::api
