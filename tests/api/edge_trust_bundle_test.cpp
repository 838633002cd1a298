// ClusterTrustBundle: written by csrflow, read by everybody who may.
#include "api/bootstrap.hpp"
#include "api/bootstrap_roles.hpp"
#include "api/trust_bundles.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::Json;
using test::World;

const std::string bundles = "/apis/certificates.k8s.io/v1/clustertrustbundles";
const std::vector<engine::SignerName> signers{{"kubernetes.io/kubelet-serving"}, {"example.com/web"}};

void publish(World& world, std::vector<std::string> certificates) {
  REQUIRE(ensure_trust_bundles(*world.log.reader(), *world.writer, world.random, signers, certificates));
}

TEST_CASE("there is a bundle a signer, named as Kubernetes demands it") {
  World world;
  publish(world, {"PEM\n"});
  const auto list = world.get(bundles).json();
  CHECK(list["kind"] == "ClusterTrustBundleList");
  REQUIRE(list["items"].size() == 2);
  const auto one = world.get(bundles + "/kubernetes.io:kubelet-serving:csrflow").json();
  CHECK(one["apiVersion"] == "certificates.k8s.io/v1");
  CHECK(one["kind"] == "ClusterTrustBundle");
  CHECK(one["spec"] == Json{{"signerName", "kubernetes.io/kubelet-serving"}, {"trustBundle", "PEM\n"}});
  CHECK(world.log.all().front().stream.text ==
        "trust/clustertrustbundles/kubernetes.io%3Akubelet-serving%3Acsrflow");
}

TEST_CASE("certificates are there once, in the same order whatever order they came in") {
  World world;
  publish(world, {"B\n", "A\n", "B\n"});
  CHECK(world.get(bundles + "/example.com:web:csrflow").json()["spec"]["trustBundle"] == "A\nB\n");
  publish(world, {"A\n", "B\n"});
  CHECK(world.log.all().size() == 2);
}

TEST_CASE("a changed CA is a new version of the same bundle") {
  World world;
  publish(world, {"A\n"});
  const auto before = world.get(bundles + "/example.com:web:csrflow").json();
  const auto watch =
      world.open(bundles + "?watch=1&resourceVersion=2&fieldSelector=spec.signerName%3D" + "example.com/web");
  publish(world, {"A\n", "B\n"});
  const auto event = watch->next();
  CHECK(event["type"] == "MODIFIED");
  CHECK(event["object"]["metadata"]["name"] == "example.com:web:csrflow");
  CHECK(event["object"]["metadata"]["uid"] == before["metadata"]["uid"]);
  CHECK(event["object"]["spec"]["trustBundle"] == "A\nB\n");
  const auto then = world.get(bundles + "?resourceVersion=2&resourceVersionMatch=Exact").json();
  CHECK(then["items"][0]["spec"]["trustBundle"] == "A\n");
}

TEST_CASE("bundles are selected by signer and by name, and printed as Kubernetes prints them") {
  World world;
  publish(world, {"A\n"});
  const auto table = world
                         .ask({.method = "GET",
                               .target = bundles + "?fieldSelector=spec.signerName%3Dexample.com/web",
                               .headers = {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io"}}})
                         .json();
  CHECK(table["columnDefinitions"].size() == 2);
  CHECK(table["columnDefinitions"][1]["name"] == "SignerName");
  REQUIRE(table["rows"].size() == 1);
  CHECK(table["rows"][0]["cells"] == Json{"example.com:web:csrflow", "example.com/web"});
  const auto named = world.get(bundles + "?fieldSelector=metadata.name%3Dexample.com:web:csrflow").json();
  CHECK(named["items"].size() == 1);
}

TEST_CASE("nobody writes bundles through the API") {
  World world;
  publish(world, {"A\n"});
  const Json body{{"metadata", {{"name", "mine"}}}, {"spec", {{"trustBundle", "A"}}}};
  const auto refused = world.ask({.method = "POST", .target = bundles, .body = body.dump()});
  CHECK(refused.status == 405);
  CHECK(refused.json()["reason"] == "MethodNotAllowed");
  CHECK(world.ask({.method = "DELETE", .target = bundles}).status == 405);
  for (const auto* method : {"PUT", "PATCH", "DELETE"})
    CHECK(
        world.ask({.method = method, .target = bundles + "/example.com:web:csrflow", .body = "{}"}).status ==
        405);
  CHECK(world.log.all().size() == 2);
  const auto discovery = world.get("/apis/certificates.k8s.io/v1").json();
  for (const auto& resource : discovery["resources"]) {
    if (resource["name"] == "clustertrustbundles") CHECK(resource["verbs"] == Json{"get", "list", "watch"});
  }
}

TEST_CASE("service accounts may read bundles, others not by themselves") {
  World world;
  publish(world, {"A\n"});
  CHECK(world.get(bundles, "jane").status == 403);
  engine::Identity account{.user = "system:serviceaccount:default:web", .groups = {"system:serviceaccounts"}};
  for (const auto* verb : {"get", "list", "watch"}) {
    const Attributes asked{.verb = verb, .group = "certificates.k8s.io", .resource = "clustertrustbundles"};
    CHECK(world.rules.decide(account, asked).access == Access::allowed);
  }
  const Attributes write{.verb = "update", .group = "certificates.k8s.io", .resource = "clustertrustbundles"};
  CHECK(world.rules.decide(account, write).access == Access::denied);
}

}  // namespace
}  // namespace csrflow::api
