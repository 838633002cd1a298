// Unknown and duplicate fields of reviews: warned of, ignored or refused as in every other body.
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::Json;
using test::Reply;
using test::World;

struct Review {
  const char* path;
  const char* body;     ///< has an unknown member beside good ones
  const char* problem;  ///< what is said of it
};

const std::vector<Review> reviews = {
    {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
     R"({"spec":{"user":"jane","resourceAttributes":{"verb":"get"}}})", R"(unknown field "spec.user")"},
    {"/apis/authorization.k8s.io/v1/subjectaccessreviews",
     R"({"spec":{"user":"jane","resourceAttributes":{"verb":"get","kind":"x"}}})",
     R"(unknown field "spec.resourceAttributes.kind")"},
    {"/apis/authorization.k8s.io/v1/namespaces/a/localsubjectaccessreviews",
     R"({"spec":{"user":"jane","resourceAttributes":{"namespace":"a"}},"status":{"allow":true}})",
     R"(unknown field "status.allow")"},
    {"/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", R"({"spec":{"namespace":"a","x":1}})",
     R"(unknown field "spec.x")"},
    {"/apis/authentication.k8s.io/v1/tokenreviews", R"({"spec":{"token":"jane","token":"jane"}})",
     R"(duplicate field "spec.token")"},
    {"/apis/authentication.k8s.io/v1/selfsubjectreviews", R"({"metadata":{"nmae":"x"}})",
     R"(unknown field "metadata.nmae")"},
};

Reply post(World& world, const Review& review, const std::string& query) {
  return world.ask({.method = "POST", .target = review.path + query, .body = review.body});
}

TEST_CASE("a review's unknown fields are warned of, unless its sender asks for something else") {
  World world;
  for (const Review& review : reviews) {
    INFO(review.path);
    const auto warned = post(world, review, "");
    CHECK(warned.status == 201);
    std::string warning = "299 - \"";
    for (const char* c = review.problem; *c; ++c) (*c == '"' ? warning += '\\' : warning) += *c;
    CHECK(warned.headers.get("Warning") == warning + '"');
    const auto ignored = post(world, review, "?fieldValidation=Ignore");
    CHECK(ignored.status == 201);
    CHECK_FALSE(ignored.headers.find("Warning"));
    const auto refused = post(world, review, "?fieldValidation=Strict");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.message(), Catch::EndsWith(std::string("strict decoding error: ") + review.problem));
    CHECK(post(world, review, "?fieldValidation=Maybe").status == 422);
  }
}

TEST_CASE("a review whose question cannot be answered is warned of as well") {
  World world;
  const auto refused = world.ask({.method = "POST",
                                  .target = "/apis/authentication.k8s.io/v1/tokenreviews",
                                  .body = R"({"spec":{"tokn":"jane"}})"});
  CHECK(refused.status == 400);
  CHECK(refused.headers.get("Warning") == R"(299 - "unknown field \"spec.tokn\"")");
}

TEST_CASE("duplicate keys of a review in YAML are told with their lines") {
  World world;
  const auto refused =
      world.ask({.method = "POST",
                 .target = "/apis/authentication.k8s.io/v1/tokenreviews?fieldValidation=Strict",
                 .body = "spec:\n  token: a\n  token: b\n",
                 .headers = {{"Content-Type", "application/yaml"}}});
  CHECK(refused.message() ==
        "TokenReview in version \"v1\" cannot be handled as a TokenReview: strict decoding error: yaml: "
        "unmarshal errors:\n  line 3: key \"token\" already set in map");
}

TEST_CASE("metadata of an access review must be empty but for who manages its fields") {
  World world;
  const auto ask = [&](const std::string& metadata) {
    return world.ask(
        {.method = "POST",
         .target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
         .body = R"({"metadata":)" + metadata + R"(,"spec":{"resourceAttributes":{"verb":"get"}}})"});
  };
  CHECK(ask(R"({"managedFields":[{"manager":"x"}]})").status == 201);
  CHECK(ask(R"({"finalizers":["a.io/b"]})").message() ==
        R"(.authorization.k8s.io "" is invalid: metadata: Invalid value: {"finalizers":["a.io/b"]}: )"
        "must be empty");
  CHECK(ask(R"({"generateName":"x"})").status == 422);
}

}  // namespace
}  // namespace csrflow::api
