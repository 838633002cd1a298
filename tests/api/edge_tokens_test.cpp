// csrflow's own tokens: made, used, listed and revoked through the API.
#include "api/openssl_handles.hpp"
#include "api/token_book.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::Json;
using test::World;

const std::string tokens_path = "/apis/csrflow.io/v1/tokens";

test::Reply make(World& world, const Json& spec, const std::string& as = "admin") {
  return world.ask({.method = "POST", .target = tokens_path, .body = Json{{"spec", spec}}.dump(), .as = as});
}

/// What the server says that a token's bearer is; the reason of a refusal as a text.
Json whoami(World& world, const std::string& token) {
  const auto reply = world.ask({.method = "POST",
                                .target = "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                                .body = "{}",
                                .as = token});
  return reply.status == 201 ? reply.json()["status"]["userInfo"] : Json(reply.json()["reason"]);
}

TEST_CASE("a token is shown once, and names its user from then on") {
  World world;
  const auto made =
      make(world, {{"user", "ci"}, {"uid", "u-1"}, {"groups", {"builders"}}, {"description", "nightly"}});
  REQUIRE(made.status == 201);
  const std::string token = made.json()["status"]["token"];
  const std::string id = made.json()["metadata"]["name"];
  CHECK(token.starts_with("csrflow." + id + '.'));
  CHECK(whoami(world, token) ==
        Json{{"username", "ci"}, {"uid", "u-1"}, {"groups", {"builders", "system:authenticated"}}});
  CHECK(whoami(world, token + "a") == "Unauthorized");

  const auto listed = world.get(tokens_path).json();
  REQUIRE(listed["items"].size() == 1);
  CHECK(listed["items"][0]["metadata"]["name"] == id);
  CHECK(listed["items"][0]["spec"]["description"] == "nightly");
  CHECK(listed["items"][0]["status"] == Json{{"state", "active"}});
  CHECK(world.get(tokens_path + '/' + id).json()["spec"]["user"] == "ci");
}

TEST_CASE("the log holds a hash of the secret, and who made the token") {
  World world;
  const std::string token = make(world, {{"user", "ci"}}).json()["status"]["token"];
  const auto text = parse_token(token);
  REQUIRE(text);
  const auto events = world.log.reader()->category("token");
  REQUIRE(events.size() == 1);
  const auto data = Json::parse(events.front().data);
  CHECK(data["sha256"] == sha256_hex(text->secret));
  CHECK(events.front().data.find(text->secret) == std::string::npos);
  CHECK(Json::parse(events.front().context)["actor"]["user"] == "admin");
}

TEST_CASE("a token ends with its time, or when it is revoked") {
  World world;
  const auto made = make(world, {{"user", "ci"}, {"ttlSeconds", 60}}).json();
  const std::string token = made["status"]["token"];
  const std::string path = tokens_path + '/' + made["metadata"]["name"].get<std::string>();
  CHECK(whoami(world, token)["username"] == "ci");
  world.clock.advance(engine::seconds(60));
  CHECK(whoami(world, token) == "Unauthorized");
  CHECK(world.get(path).json()["status"]["state"] == "expired");

  const auto other = make(world, {{"user", "ci"}, {"ttlSeconds", 0}}).json();
  const std::string lasting = other["status"]["token"];
  CHECK_FALSE(other["spec"].contains("expirationTimestamp"));
  const std::string other_path = tokens_path + '/' + other["metadata"]["name"].get<std::string>();
  world.clock.advance(engine::seconds(100LL * 365 * 86'400));
  CHECK(whoami(world, lasting)["username"] == "ci");
  CHECK(world.ask({.method = "DELETE", .target = other_path}).status == 200);
  CHECK(whoami(world, lasting) == "Unauthorized");
  CHECK(world.get(other_path).json()["status"]["state"] == "revoked");
  CHECK(world.ask({.method = "DELETE", .target = tokens_path + "/nobodys"}).status == 404);
}

TEST_CASE("a bootstrap token is Kubernetes' own, with its user and groups") {
  World world;
  const auto made = make(world, {{"bootstrap", true}, {"groups", {"system:bootstrappers:rack7"}}}).json();
  const std::string token = made["status"]["token"];
  const std::string id = made["metadata"]["name"];
  CHECK(id.size() == 6);
  CHECK(token.size() == 23);
  CHECK(token.starts_with(id + '.'));
  CHECK(whoami(world, token) ==
        Json{{"username", "system:bootstrap:" + id},
             {"groups", {"system:bootstrappers", "system:bootstrappers:rack7", "system:authenticated"}}});
  CHECK(whoami(world, "csrflow." + token) == "Unauthorized");
}

TEST_CASE("what no token can be is refused") {
  World world;
  const auto refused = [&](const Json& spec, const std::string& words) {
    const auto reply = make(world, spec);
    CHECK(reply.status == 422);
    CHECK_THAT(reply.message(), Catch::Contains(words));
  };
  refused({{"groups", {"a"}}}, "spec.user: Required value");
  refused({{"bootstrap", true}, {"user", "jane"}}, "spec.user: Forbidden");
  for (const auto* group : {"ops", "system:bootstrappers", "system:bootstrappers:", "system:bootstrappers:A",
                            "system:bootstrappers:a-", "xsystem:bootstrappers:a"})
    refused({{"bootstrap", true}, {"groups", {group}}}, "spec.groups[0]: Invalid value");
  refused({{"user", "jane"}, {"ttlSeconds", -1}}, "spec.ttlSeconds: Invalid value: -1");
  refused({{"user", std::string(1025, 'x')}}, "spec.user: Too long");
  CHECK(make(world, {{"user", 7}}).status == 400);
  CHECK(world.log.reader()->category("token").empty());
}

TEST_CASE("tokens are for who may have them, and speak for nobody whom their maker may not act as") {
  World world;
  CHECK(make(world, {{"user", "jane"}}, "jane").status == 403);
  CHECK(world.get(tokens_path, "jane").status == 403);
  CHECK(world.ask({.method = "DELETE", .target = tokens_path + "/x", .as = "jane"}).status == 403);
  CHECK(world.ask({.method = "PUT", .target = tokens_path + "/x"}).status == 405);
}

/// Permits so many questions, and answers as if roles had changed meanwhile.
struct Counted final : Authorizer {
  AccessDecision decide(const engine::Identity&, const Attributes&) const override {
    return {.access = left-- > 0 ? Access::allowed : Access::denied, .reason = {}};
  }
  mutable std::atomic<int> left = 0;
};

/// Somebody writes a role, so that what was judged before is judged again.
void change_roles(World& world) {
  engine::ConfigObject role;
  role.meta.name = "r";
  role.meta.uid.text = "u";
  role.body = std::make_shared<const std::string>(R"({"rules":[]})");
  engine::Submission submission;
  submission.stream = engine::stream_of("rbac/clusterroles", "r");
  submission.command = engine::Command(engine::ConfigCommand(
      engine::PutConfig{.base = {}, .kind = "ClusterRole", .hash = "x", .object = std::move(role)}));
  REQUIRE(world.writer->call(std::move(submission)).has_value());
}

TEST_CASE("a token is made and revoked under the roles that stand before it in the log") {
  Counted permitted;
  World world({}, {}, {}, nullptr, nullptr, &permitted);
  permitted.left = 1000;
  change_roles(world);
  const auto id = make(world, {{"user", "ci"}}).json()["metadata"]["name"].get<std::string>();
  const auto events = world.log.all().size();
  // To create, to impersonate; and then: not to create any more, not to impersonate any more.
  for (const int answers : {2, 3}) {
    permitted.left = answers;
    const auto refused = make(world, {{"user", "ci"}});
    CHECK(refused.status == 403);
    CHECK_THAT(refused.message(), Catch::Contains(answers == 2 ? "cannot create resource \"tokens\""
                                                               : "cannot impersonate resource \"users\""));
  }
  permitted.left = 1;
  CHECK(world.ask({.method = "DELETE", .target = tokens_path + '/' + id}).status == 403);
  CHECK(world.log.all().size() == events);
  permitted.left = 2;
  CHECK(world.ask({.method = "DELETE", .target = tokens_path + '/' + id}).status == 200);
}

TEST_CASE("an id that is too long for any token is one that no token has") {
  World world;
  CHECK(world.ask({.method = "DELETE", .target = tokens_path + '/' + std::string(5000, 'a')}).status == 404);
}

TEST_CASE("tokens are there again after a restart") {
  World world;
  const std::string token = make(world, {{"user", "ci"}}).json()["status"]["token"];
  const auto revoked = make(world, {{"user", "old"}}).json();
  world.ask(
      {.method = "DELETE", .target = tokens_path + '/' + revoked["metadata"]["name"].get<std::string>()});
  TokenBook book(world.clock);
  book.load(*world.log.reader());
  CHECK(book.size() == 2);
  const auto found = book.identify(token);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->user == "ci");
  CHECK((*found)->credential == "token:" + std::string(parse_token(token)->id));
  CHECK(book.identify(revoked["status"]["token"].get<std::string>()).value() == nullptr);
}

TEST_CASE("texts that are no token are nobody's business") {
  for (const auto* text :
       {"", "a", "abcdef.0123456789abcde", "abcdef.0123456789abcdefg", "ABCDEF.0123456789abcdef",
        "csrflow.abcdef.x", "csrflow.abcdefgh.", "csrflow..x", "csrflow.abcdefgh.a.b", "abcdefgh.xyz"})
    CHECK_FALSE(parse_token(text));
  CHECK(parse_token("abcdef.0123456789abcdef"));
  CHECK(parse_token("csrflow.abcdefgh.xyz"));
}

}  // namespace
}  // namespace csrflow::api
