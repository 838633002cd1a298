// Tokens by which hosts get their first certificate.
#include "tests/api/edge_hosts.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace test;

const std::string tokens_path = "/apis/csrflow.io/v1/tokens";

struct HostToken {
  World world;
  std::string token, id;

  explicit HostToken(const Json& more = {}) {
    Json spec{{"user", "csrflow:agent:web-1"},
              {"groups", {"csrflow:agents"}},
              {"singleUse", true},
              {"names", {"web-1", "web-1-*"}},
              {"signers", {"example.com/custom"}}};
    if (!more.is_null()) spec.merge_patch(more);
    const auto made =
        world.ask({.method = "POST", .target = tokens_path, .body = Json{{"spec", spec}}.dump()});
    REQUIRE(made.status == 201);
    token = made.json()["status"]["token"];
    id = made.json()["metadata"]["name"];
  }
  Reply create(const std::string& name, const std::string& signer = "example.com/custom") {
    return world.ask(
        {.method = "POST", .target = collection, .body = request_body(name, signer).dump(), .as = token});
  }
  Reply get(const std::string& target) { return world.get(target, token); }
};

TEST_CASE("a token for a single use makes one request, which it shows until it expires") {
  HostToken host;
  CHECK(host.get(collection).status == 200);
  const auto made = host.create("web-1-3f9a");
  INFO(made.body);
  REQUIRE(made.status == 201);
  CHECK(made.json()["spec"]["username"] == "csrflow:agent:web-1");
  const auto events = host.world.log.reader()->stream(engine::stream_of("token", host.id));
  REQUIRE(events.size() == 2);
  CHECK(events.back().type == "used");
  CHECK(Json::parse(events.back().data)["request"] == "web-1-3f9a");

  const auto second = host.create("web-1-0000");
  CHECK(second.status == 403);
  CHECK_THAT(second.message(), Catch::Contains("was for a single use, and web-1-3f9a used it"));
  CHECK(host.create("web-1-3f9a").status == 409);

  // Killed between asking and fetching: it asks for its request by the name.
  CHECK(host.get(collection + "/web-1-3f9a").status == 200);
  CHECK(host.get(collection + "?fieldSelector=metadata.name=web-1-3f9a").json()["items"].size() == 1);
  for (const auto& target : {collection, collection + "/web-2", tokens_path})
    CHECK(host.get(target).status == 403);
  const auto token = host.world.get(tokens_path + '/' + host.id).json();
  CHECK(token["status"] == Json{{"state", "used"}, {"request", "web-1-3f9a"}});
  host.world.clock.advance(engine::seconds(86'400));
  CHECK(host.get(collection + "/web-1-3f9a").status == 401);
}

TEST_CASE("two requests at the same moment: one gets the token's use") {
  HostToken host;
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 8; ++i)
    replies.push_back(host.world.start({.method = "POST",
                                        .target = collection,
                                        .body = request_body("web-1-" + std::to_string(i)).dump(),
                                        .as = host.token}));
  int made = 0;
  for (auto& reply : replies) made += reply.get().status == 201 ? 1 : 0;
  CHECK(made == 1);
}

TEST_CASE("a creation that is only tried does not use the token") {
  HostToken host;
  CHECK(host.world
            .ask({.method = "POST",
                  .target = collection + "?dryRun=All",
                  .body = request_body("web-1-a").dump(),
                  .as = host.token})
            .status == 201);
  CHECK(host.create("web-1-b").status == 201);
}

TEST_CASE("a creation that is refused does not use the token") {
  HostToken host;
  CHECK(host.create("web-2").status == 403);
  CHECK(host.create("web-1", "example.com/other").status == 403);
  CHECK(host.create("web-1-%").status == 422);
  CHECK(host.create("web-1").status == 201);
}

TEST_CASE("a bound token makes many requests of its names, but for nobody else") {
  HostToken host(Json{{"singleUse", false}});
  CHECK(host.create("web-1-a").status == 201);
  CHECK(host.create("web-1-b").status == 201);
  CHECK_THAT(host.create("web-2").message(), Catch::Contains("for requests named web-1, web-1-*"));
  const auto as_admin = host.world.ask(
      {.method = "GET", .target = collection, .headers = {{"Impersonate-User", "admin"}}, .as = host.token});
  CHECK(as_admin.status == 403);
  CHECK_THAT(as_admin.message(), Catch::Contains("acts as nobody else"));
}

TEST_CASE("elsewhere a bound token is nobody") {
  HostToken host;
  const auto review = host.world.ask({.method = "POST",
                                      .target = "/apis/authentication.k8s.io/v1/tokenreviews",
                                      .body = Json{{"spec", {{"token", host.token}}}}.dump()});
  CHECK(review.status == 201);
  CHECK_FALSE(review.json()["status"].value("authenticated", false));
}

TEST_CASE("bounds that cannot be are refused") {
  World world;
  const auto refused = [&](const Json& spec, const std::string& words) {
    Json all{{"user", "jane"}};
    all.merge_patch(spec);
    const auto reply =
        world.ask({.method = "POST", .target = tokens_path, .body = Json{{"spec", all}}.dump()});
    CHECK(reply.status == 422);
    CHECK_THAT(reply.message(), Catch::Contains(words));
  };
  refused({{"singleUse", true}, {"ttlSeconds", 86'401}}, "lives for a day at most");
  refused({{"singleUse", true}, {"ttlSeconds", 0}}, "lives for a day at most");
  refused({{"names", {"a*b*"}}}, "spec.names[0]: Invalid value");
  refused({{"names", {""}}}, "spec.names[0]: Invalid value");
  refused({{"signers", {"web"}}}, "spec.signers[0]: Invalid value");
  refused({{"names", std::vector<std::string>(17, "a")}}, "at most 16");
}

}  // namespace
}  // namespace csrflow::api
