// TokenReview: the answers are recorded (auth/token-review*).
#include "api/protobuf.hpp"
#include "api/token_review.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::Json;
using test::World;

const std::string token_reviews_path = "/apis/authentication.k8s.io/v1/tokenreviews";

test::Reply review(World& world, const Json& spec, const std::string& as = "admin") {
  const Json body{{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenReview"}, {"spec", spec}};
  return world.ask({.method = "POST", .target = token_reviews_path, .body = body.dump(), .as = as});
}

TEST_CASE("a known token's user is told, with groups") {
  World world;
  const auto reply = review(world, {{"token", "jane"}});
  CHECK(reply.status == 201);
  CHECK(reply.json() ==
        Json{{"kind", "TokenReview"},
             {"apiVersion", "authentication.k8s.io/v1"},
             {"metadata", Json::object()},
             {"spec", {{"token", "jane"}}},
             {"status",
              {{"authenticated", true},
               {"user", {{"username", "jane"}, {"uid", "uid-jane"}, {"groups", {"system:authenticated"}}}},
               {"audiences", {std::string(api_audience)}}}}});
}

TEST_CASE("an unknown token is no failure of the review") {
  World world;
  const Json refused{{"user", Json::object()}, {"error", "invalid bearer token"}};
  CHECK(review(world, {{"token", "nope"}}).json()["status"] == refused);
  CHECK(review(world, {{"token", "Bearer jane"}}).json()["status"] == refused);
  CHECK(review(world, {{"token", "jane"}, {"audiences", {"other"}}}).json()["status"] == refused);
  CHECK(review(world, {{"token", "jane"}, {"audiences", {"other", api_audience}}})
            .json()["status"]["audiences"] == Json{std::string(api_audience)});
}

TEST_CASE("a review without a token, and one of somebody who may not review, are refused") {
  World world;
  for (const auto& spec : {Json::object(), Json{{"token", ""}}}) {
    const auto reply = review(world, spec);
    CHECK(reply.status == 400);
    CHECK(reply.message() == "token is required for TokenReview in authentication");
  }
  const auto reply = review(world, {{"token", "jane"}}, "jane");
  CHECK(reply.status == 403);
  CHECK(reply.message() ==
        "tokenreviews.authentication.k8s.io is forbidden: User \"jane\" cannot create resource "
        "\"tokenreviews\" in API group \"authentication.k8s.io\" at the cluster scope");
  CHECK(world.get(token_reviews_path).status == 405);
}

TEST_CASE("a review's metadata comes back, and its types are looked at") {
  World world;
  const auto send = [&](const Json& metadata) {
    const Json body{{"apiVersion", "authentication.k8s.io/v1"},
                    {"kind", "TokenReview"},
                    {"metadata", metadata},
                    {"spec", {{"token", "jane"}}}};
    return world.ask({.method = "POST", .target = token_reviews_path, .body = body.dump()});
  };
  const Json metadata{{"name", "mine"}, {"labels", {{"a", "b"}}}, {"annotations", {{"c", "d"}}}};
  CHECK(send(metadata).json()["metadata"] == metadata);
  CHECK(send({{"labels", 7}}).status == 400);
  const auto packed =
      protobuf_of_json(R"({"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1",)"
                       R"("metadata":{"name":"mine","labels":{"a":"b"}},"spec":{"token":"jane"}})");
  REQUIRE(packed);
  const auto sent = decode_token_review(Format::protobuf, *packed, FieldValidation::warn);
  REQUIRE(sent);
  CHECK(sent->meta.name == "mine");
  CHECK(sent->meta.labels.at("a") == "b");
}

TEST_CASE("a review is read from protobuf, and answered in it") {
  World world;
  // The envelope of {spec: {token: "jane"}}: Go's bytes, field by field.
  const std::string type =
      "\x0a\x18"
      "authentication.k8s.io/v1"
      "\x12\x0b"
      "TokenReview";
  const std::string message = "\x12\x06\x0a\x04jane";
  const auto field = [](char tag, const std::string& bytes) {
    return std::string{tag, static_cast<char>(bytes.size())} + bytes;
  };
  const std::string body = std::string("k8s\0", 4) + field('\x0a', type) + field('\x12', message);
  const auto reply = world.ask({.method = "POST",
                                .target = token_reviews_path,
                                .body = body,
                                .headers = {{"Content-Type", "application/vnd.kubernetes.protobuf"},
                                            {"Accept", "application/vnd.kubernetes.protobuf"}}});
  CHECK(reply.status == 201);
  CHECK(reply.headers.get("Content-Type") == "application/vnd.kubernetes.protobuf");
  CHECK(reply.body.starts_with(std::string("k8s\0", 4)));
  CHECK_THAT(reply.body, Catch::Contains("uid-jane"));
  CHECK_THAT(reply.body, Catch::Contains("system:authenticated"));
}

}  // namespace
}  // namespace csrflow::api
