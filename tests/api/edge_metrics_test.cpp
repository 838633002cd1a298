// /metrics and the forecast as the API serves them, and how it counts.
#include "metrics/exposition.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::collection;
using test::World;

const std::string forecast_path = "/apis/csrflow.io/v1/forecast";

struct Everything final : Authorizer {
  AccessDecision decide(const engine::Identity&, const Attributes&) const override {
    return {.access = Access::allowed, .reason = {}};
  }
};

std::map<std::string, std::uint64_t> counts(const World& world) {
  std::map<std::string, std::uint64_t> found;
  for (const auto& a : world.meter.answers()) found[a.verb + ' ' + a.resource + ' ' + a.code] = a.count;
  return found;
}

TEST_CASE("metrics are for whoever may get /metrics") {
  World world;
  const auto page = world.get("/metrics");
  CHECK(page.status == 200);
  CHECK(page.headers.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(page.body == "a page with 0 read in flight\n");  // an administrator needs no seat
  const auto refused = world.ask({.method = "GET", .target = "/metrics", .as = "jane"});
  CHECK(refused.status == 403);
  CHECK(refused.message() == R"(forbidden: User "jane" cannot get path "/metrics")");
  CHECK(world.ask({.method = "POST", .target = "/metrics"}).status == 405);
}

TEST_CASE("the page hears how many requests are worked on") {
  const Everything everything;
  World world({}, {}, {}, nullptr, nullptr, &everything);
  CHECK(world.get("/metrics", "jane").body == "a page with 1 read in flight\n");
}

TEST_CASE("members of system:monitoring may read the metrics") {
  const engine::Identity prometheus{.user = "prometheus", .groups = {"system:monitoring"}};
  const Attributes ask{.verb = "get", .path = "/metrics"};
  World world;
  CHECK(world.rules.decide(prometheus, ask).access == Access::allowed);
}

TEST_CASE("the forecast is for whoever may list it, for a number of days") {
  World world;
  const auto year = world.get(forecast_path);
  CHECK(year.status == 200);
  CHECK(year.json()["days"] == 365);
  CHECK(year.headers.get("Content-Type") == "application/json");
  CHECK(world.get(forecast_path + "?days=7").json()["days"] == 7);
  for (const std::string wrong : {"0", "3661", "-1", "7d", ""}) {
    INFO(wrong);
    const auto refused = world.get(forecast_path + "?days=" + wrong);
    CHECK(refused.status == 400);
    CHECK(refused.message() == "days must be a number from 1 to 3660");
  }
  CHECK(world.get(forecast_path + "/today").status == 404);
  CHECK(world.ask({.method = "POST", .target = forecast_path}).status == 405);
  const auto refused = world.ask({.method = "GET", .target = forecast_path, .as = "jane"});
  CHECK(refused.status == 403);
  CHECK(refused.message() ==
        "forecast.csrflow.io is forbidden: User \"jane\" cannot list resource \"forecast\" "
        "in API group \"csrflow.io\" at the cluster scope");
}

TEST_CASE("each answer is counted once, by what was asked and how it was answered") {
  World world;
  world.create("jane");
  world.create("jane");
  world.get(collection + "/jane");
  world.get(collection);
  world.ask({.method = "GET", .target = collection, .as = "nobody-knows"});
  world.get("/healthz");
  world.get("/apis/example.com/v1/gadgets");
  world.watch("");
  const auto found = counts(world);
  CHECK(found.at("create certificatesigningrequests 201") == 1);
  CHECK(found.at("create certificatesigningrequests 409") == 1);
  CHECK(found.at("get certificatesigningrequests 200") == 1);
  CHECK(found.at("list certificatesigningrequests 200") == 1);
  CHECK(found.at("list certificatesigningrequests 401") == 1);
  CHECK(found.at("watch certificatesigningrequests 200") == 1);
  CHECK(found.at("get  200") == 1);
  CHECK(found.at("list other 404") == 1);
  for (const auto& verb : world.meter.times()) CHECK(verb.verb != "watch");
}

TEST_CASE("who is refused since there are too many is counted by lane") {
  ApiLimits limits;
  limits.gate.watches = 0;
  World world(limits);
  CHECK(world.ask({.method = "GET", .target = collection + "?watch=1", .as = "jane"}).status == 429);
  CHECK(world.meter.refusals(metrics::HttpLane::watch) == 1);
  CHECK(counts(world).at("watch certificatesigningrequests 429") == 1);
}

}  // namespace
}  // namespace csrflow::api
