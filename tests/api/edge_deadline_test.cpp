// `timeout` and the time that every request has: kube-apiserver's WithRequestDeadline and
// WithTimeoutForNonLongRunningRequests.
#include "api/go_duration.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;
using test::collection;
using test::Json;
using test::World;

/// A read of a version that comes only when somebody writes takes for ever.
ApiLimits patient() {
  ApiLimits limits;
  limits.future_patience = 1h;
  return limits;
}
const std::string endless = collection + "/jane?resourceVersion=1000000";

TEST_CASE("a request that is not done in its time is a 504, in kube-apiserver's own bytes") {
  World world(patient());
  const auto late = world.get(endless + "&timeout=10ms");
  CHECK(late.status == 504);
  CHECK(
      late.body ==
      R"({"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted )"
      R"(timeout","reason":"Timeout","details":{},"code":504})"
      "\n");
  CHECK(late.headers.get("Content-Type") == "text/plain; charset=utf-8");
  CHECK(late.headers.get("Cache-Control") == "no-cache, private");
  CHECK(!late.headers.get("Audit-Id").empty());
}

TEST_CASE("who names no time, or no limit, has the server's") {
  auto limits = patient();
  limits.request_time = 10ms;
  World world(limits);
  for (const std::string timeout : {"", "&timeout=", "&timeout=0s", "&timeout=-5s", "&timeout=300h"})
    CHECK(world.get(endless + timeout).status == 504);
}

TEST_CASE("a write that is late is a 504, and done all the same") {
  World world;
  std::promise<void> go_on;
  engine::Submission slow;  // keeps the writer from answering
  slow.stream = engine::csr_stream("nobodys");
  slow.command = engine::Command(engine::CsrCommand(engine::Delete{}));
  slow.done = [wait = go_on.get_future()](const auto&) mutable { wait.get(); };
  world.writer->submit(std::move(slow));
  CHECK(world
            .ask({.method = "POST",
                  .target = collection + "?timeout=10ms",
                  .body = test::request_body("jane").dump()})
            .status == 504);
  go_on.set_value();
  CHECK(world.create("another").status == 201);  // after the late one
  CHECK(world.get(collection + "/jane").status == 200);
}

TEST_CASE("a watch has a time of its own") {
  auto limits = patient();
  limits.request_time = 1ms;
  World world(limits);
  const auto stream = world.watch("&timeout=1ms&timeoutSeconds=3600");
  // Another request's time passes meanwhile.
  CHECK(world.get(endless).status == 504);
  world.create("jane");
  CHECK(stream->next()["type"] == "ADDED");
  // Refused, but not for what is no time.
  const auto refused = world.get(collection + "?watch=1&timeout=abc&labelSelector=%3D");
  CHECK(refused.status == 400);
  CHECK(refused.message().find("timeout") == std::string::npos);
}

TEST_CASE("durations are Go's") {
  CHECK(parse_go_duration("1h30m") == 5'400'000'000'000);
  CHECK(parse_go_duration("-1.5s") == -1'500'000'000);
  CHECK(parse_go_duration("+.5ms") == 500'000);
  CHECK(parse_go_duration("0") == 0);
  CHECK(parse_go_duration("1\u00b5s1\u03bcs1us") == 3'000);
  CHECK(parse_go_duration("-2562047h47m16.854775808s") == INT64_MIN);
  for (const std::string none :
       {"", "-", ".", ".s", "1e3s", "2562047h47m16.854775808s", "9223372036854775809ns"})
    CHECK_FALSE(parse_go_duration(none).has_value());
  CHECK(parse_go_duration("1x").error() == R"(time: unknown unit "x" in duration "1x")");
  CHECK(parse_go_duration("\u00e4\n").error() == R"(time: invalid duration "\xc3\xa4\x0a")");
}

TEST_CASE("a time that is none is a 400 before anybody asks who it is") {
  World world;
  struct Wrong {
    std::string sent, shown;
  };
  for (const auto& [sent, shown] : {Wrong{"abc", "\"abc\""}, Wrong{"5", "\"5\""}, Wrong{"%22", R"("\"")"}}) {
    INFO(sent);
    for (const std::string who : {"admin", "nobody's token"}) {
      const auto refused = world.get(collection + "?timeout=" + sent, who);
      CHECK(refused.status == 400);
      CHECK(refused.json()["reason"] == "BadRequest");
      const auto why = shown == "\"5\"" ? "time: missing unit in duration " : "time: invalid duration ";
      CHECK(refused.message() == "invalid timeout specified in the request URL - " + (why + shown));
    }
  }
  CHECK(world.get("/apis?timeout=32s").status == 200);
  CHECK(world.get("/apis?timeout=32s", "nobody's token").status == 401);
}

}  // namespace
}  // namespace csrflow::api
