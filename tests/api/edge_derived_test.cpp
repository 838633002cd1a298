// Events and namespaces through the API: made from the log, read and watched like everything else.
#include "api/watch_frame.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::Json;
using test::World;

const std::string core_events_path = "/api/v1/namespaces/default/events";
const std::string grouped_events_path = "/apis/events.k8s.io/v1/events";
const std::string namespaces_path = "/api/v1/namespaces";
constexpr auto protobuf = "application/vnd.kubernetes.protobuf";

/// A request of this name whose signer refuses: two positions of the log, the second of which tells.
void fail(World& world, const std::string& name, const std::string& by = "signer") {
  const auto made = world.create(name);
  REQUIRE(made.status == 201);
  engine::Change change;
  change.base = {std::stoull(made.json()["metadata"]["resourceVersion"].get<std::string>())};
  change.change.conditions = {{{"Failed", "True", "Refused", "no " + name, {}, {}}}};
  engine::Submission submission{.stream = engine::csr_stream(name),
                                .command = engine::CsrCommand(std::move(change))};
  submission.context.actor = engine::system_actor(by);
  if (by.empty()) submission.context.actor.by = engine::Authentication::token;
  REQUIRE(world.writer->call(std::move(submission)).has_value());
}

std::string told(const Json& event) {
  if (event.is_null()) return "end";
  const Json& object = event["object"];
  return event["type"].get<std::string>() + ' ' + object["metadata"].value("name", "") + ' ' +
         object.value("message", object.value("note", ""));
}

// ---- events -------------------------------------------------------------------------------------

TEST_CASE("a watch of events tells what csrflow does from now on") {
  World world;
  world.create("first");
  const auto watch = world.open(core_events_path + "?watch=1");
  const auto grouped = world.open(grouped_events_path + "?watch=1");
  const auto requests = world.watch("&fieldSelector=metadata.name=jane");
  fail(world, "jane");
  CHECK(told(watch->next()) == "ADDED jane.3 no jane");
  const auto event = grouped->next();
  CHECK(told(event) == "ADDED jane.3 no jane");
  CHECK(event["object"]["apiVersion"] == "events.k8s.io/v1");
  CHECK(event["object"]["regarding"]["name"] == "jane");
  // The same record is a change of the request for who watches requests.
  CHECK(requests->next()["type"] == "ADDED");
  CHECK(requests->next()["type"] == "MODIFIED");
}

TEST_CASE("what came through the API is told to nobody") {
  World world;
  const auto watch = world.open(core_events_path + "?watch=1");
  fail(world, "bob", "");
  fail(world, "jane");
  CHECK(told(watch->next()) == "ADDED jane.4 no jane");
}

TEST_CASE("a watch of events begins at any version, from memory and from the log") {
  const auto recent_records = GENERATE(std::size_t{2}, std::size_t{1000});
  WatchLimits limits;
  limits.recent_records = recent_records;
  limits.page = 2;
  World world({}, limits);
  for (const auto* name : {"a", "b", "c"}) fail(world, name);
  const auto watch = world.open(core_events_path + "?watch=1&resourceVersion=2");
  CHECK(told(watch->next()) == "ADDED b.4 no b");
  CHECK(told(watch->next()) == "ADDED c.6 no c");
  fail(world, "d");
  CHECK(told(watch->next()) == "ADDED d.8 no d");
}

TEST_CASE(
    "a watch of events without a version begins with those of the last hour, of which it tells the end") {
  World world;
  fail(world, "old");
  world.clock.advance(engine::seconds(7200));
  fail(world, "new");
  const auto watch = world.open(core_events_path +
                                "?watch=1&sendInitialEvents=true&allowWatchBookmarks=true"
                                "&resourceVersionMatch=NotOlderThan");
  CHECK(told(watch->next()) == "ADDED new.4 no new");
  const auto end = watch->next();
  CHECK(end["type"] == "BOOKMARK");
  CHECK(end["object"]["kind"] == "Event");
  CHECK(end["object"]["metadata"]["resourceVersion"] == "4");
  CHECK(end["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"] == "true");
  fail(world, "newer");
  CHECK(told(watch->next()) == "ADDED newer.6 no newer");
  // Of one request everything is there.
  const auto about = world.open(core_events_path + "?watch=1&fieldSelector=involvedObject.name%3Dold");
  CHECK(told(about->next()) == "ADDED old.2 no old");
}

TEST_CASE("watches of events select by what they are about, and by namespace") {
  World world;
  const auto bob = world.open(core_events_path + "?watch=1&fieldSelector=involvedObject.name%3Dbob");
  const auto grouped_bob = world.open(grouped_events_path + "?watch=1&fieldSelector=regarding.name%3Dbob");
  const auto elsewhere = world.open("/api/v1/namespaces/kube-system/events?watch=1&timeoutSeconds=1");
  fail(world, "jane");
  fail(world, "bob");
  CHECK(told(bob->next()) == "ADDED bob.4 no bob");
  CHECK(told(grouped_bob->next()) == "ADDED bob.4 no bob");
  CHECK(told(elsewhere->next()) == "end");
  CHECK(world.get(core_events_path + "?watch=1&fieldSelector=regarding.name%3Dbob").status == 400);
}

TEST_CASE("events are listed in pages of one moment, and at any version") {
  World world;
  for (const auto* name : {"a", "b", "c"}) fail(world, name);
  const auto first = world.get(core_events_path + "?limit=2").json();
  CHECK(first["items"].size() == 2);
  CHECK(first["metadata"]["remainingItemCount"] == 1);
  fail(world, "d");
  const auto rest =
      world.get(core_events_path + "?limit=2&continue=" + first["metadata"]["continue"].get<std::string>())
          .json();
  REQUIRE(rest["items"].size() == 1);
  CHECK(rest["items"][0]["involvedObject"]["name"] == "c");
  CHECK(rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]);
  CHECK_FALSE(rest["metadata"].contains("continue"));
  const auto then = world.get(core_events_path + "?resourceVersion=2&resourceVersionMatch=Exact").json();
  REQUIRE(then["items"].size() == 1);
  CHECK(then["items"][0]["involvedObject"]["name"] == "a");
}

TEST_CASE("events are read in protobuf, and watched in it") {
  World world;
  fail(world, "jane");
  for (const auto& path : {core_events_path, core_events_path + "/jane.2", grouped_events_path}) {
    const auto reply = world.ask({.method = "GET", .target = path, .headers = {{"Accept", protobuf}}});
    INFO(path);
    CHECK(reply.status == 200);
    CHECK(reply.headers.get("Content-Type") == protobuf);
    CHECK(reply.body.starts_with(std::string("k8s\0", 4)));
    CHECK_THAT(reply.body, Catch::Contains("no jane"));
  }
  REQUIRE(has_protobuf_form("Event"));
  REQUIRE(has_protobuf_form("Namespace"));
}

TEST_CASE("one event is got by its name, in its namespace") {
  World world;
  fail(world, "jane");
  CHECK(world.get(core_events_path + "/jane.2").json()["message"] == "no jane");
  CHECK(world.get(core_events_path + "/jane.1").message() == "events \"jane.1\" not found");
  CHECK(world.get("/api/v1/namespaces/kube-system/events/jane.2").status == 404);
  CHECK(world.ask({.method = "DELETE", .target = core_events_path + "/jane.2"}).status == 405);
  CHECK(world.ask({.method = "POST", .target = core_events_path, .body = "{}"}).status == 405);
}

// ---- namespaces ---------------------------------------------------------------------------------

TEST_CASE("the namespaces that every cluster has are there, as old as the log") {
  World world;
  world.create("jane");
  const auto list = world.get(namespaces_path).json();
  CHECK(list["kind"] == "NamespaceList");
  std::vector<std::string> names;
  for (const auto& item : list["items"]) names.push_back(item["metadata"]["name"]);
  CHECK(names == std::vector<std::string>{"default", "kube-node-lease", "kube-public", "kube-system"});
  const auto home = world.get(namespaces_path + "/default").json();
  CHECK(home["status"]["phase"] == "Active");
  CHECK(home["metadata"]["labels"]["kubernetes.io/metadata.name"] == "default");
  CHECK(home["metadata"]["resourceVersion"] == "1");
  CHECK(home["metadata"]["uid"] == list["items"][0]["metadata"]["uid"]);
  CHECK(home["metadata"]["uid"] != list["items"][1]["metadata"]["uid"]);
  CHECK(world.get(namespaces_path + "/nope").message() == "namespaces \"nope\" not found");
}

TEST_CASE("namespaces are a table, in pages, and watched") {
  World world;
  world.create("jane");
  const auto table = world
                         .ask({.method = "GET",
                               .target = namespaces_path + "?fieldSelector=metadata.name%3Ddefault",
                               .headers = {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}}})
                         .json();
  CHECK(table["columnDefinitions"].size() == 3);
  REQUIRE(table["rows"].size() == 1);
  CHECK(table["rows"][0]["cells"][1] == "Active");
  const auto first = world.get(namespaces_path + "?limit=3").json();
  const auto rest =
      world.get(namespaces_path + "?continue=" + first["metadata"]["continue"].get<std::string>());
  CHECK(rest.json()["items"][0]["metadata"]["name"] == "kube-system");
  const auto watch = world.open(namespaces_path + "?watch=1&timeoutSeconds=1");
  for (const auto* name : {"default", "kube-node-lease", "kube-public", "kube-system"})
    CHECK(watch->next()["object"]["metadata"]["name"] == name);
  CHECK(watch->next().is_null());
}

TEST_CASE("namespaces are not written") {
  World world;
  world.create("jane");
  const Json body{{"metadata", {{"name", "mine"}}}};
  const auto refused = world.ask({.method = "POST", .target = namespaces_path, .body = body.dump()});
  CHECK(refused.status == 405);
  CHECK(refused.message() == "the server does not allow this method on the requested resource");
  for (const auto* method : {"PUT", "PATCH", "DELETE"})
    CHECK(world.ask({.method = method, .target = namespaces_path + "/default", .body = "{}"}).status == 405);
  CHECK(world.get(namespaces_path + "/default", "jane").message() ==
        "namespaces \"default\" is forbidden: User \"jane\" cannot get resource \"namespaces\" in API group "
        "\"\" in the namespace \"default\"");
}

}  // namespace
}  // namespace csrflow::api
