#include "engine/json_writer.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;
using test::collection;
using test::Json;
using test::World;

std::string version_of(const Json& object) {
  return object["metadata"].value("resourceVersion", "");
}

test::Reply patch(World& world, const std::string& path, const std::string& body,
                  const std::string& query = "", const std::string& type = "application/merge-patch+json") {
  return world.ask({.method = "PATCH",
                    .target = collection + '/' + path + query,
                    .body = body,
                    .headers = {{"Content-Type", type}}});
}

// ---- create and get -----------------------------------------------------------------------------

TEST_CASE("a created request is answered as its event left it, and read without the views") {
  World world;
  const auto made = world.create("jane", "jane");
  REQUIRE(made.status == 201);
  const auto object = made.json();
  CHECK(object["kind"] == "CertificateSigningRequest");
  CHECK(version_of(object) == "1");
  CHECK(object["spec"]["username"] == "jane");
  CHECK(object["spec"]["groups"] == Json{"system:authenticated"});
  CHECK(object["status"] == Json::object());
  CHECK(made.headers.get("Content-Type") == "application/json");
  CHECK(made.headers.get("Cache-Control") == "no-cache, private");
  CHECK(!made.headers.get("Audit-Id").empty());
  const auto read = world.get(collection + "/jane");
  CHECK(read.status == 200);
  CHECK(read.body == made.body);
  CHECK(world.views.reads() == 0);
}

TEST_CASE("an object that is not recent comes from the views") {
  World world({}, {}, {.objects = 0});
  world.create("jane");
  const auto read = world.get(collection + "/jane");
  CHECK(read.status == 200);
  CHECK(read.json()["metadata"]["name"] == "jane");
  CHECK(world.views.reads() == 1);
  CHECK(world.approve("jane").status == 200);
}

TEST_CASE("a name is taken once") {
  World world;
  world.create("jane");
  const auto again = world.create("jane");
  CHECK(again.status == 409);
  CHECK(again.message() == "certificatesigningrequests.certificates.k8s.io \"jane\" already exists");
}

TEST_CASE("a generated name has five characters more, and another is drawn when it is taken") {
  World world;
  const Json generate = {{"metadata", {{"name", nullptr}, {"generateName", "job-"}}}};
  const auto first = world.create("", "admin", generate);
  REQUIRE(first.status == 201);
  const std::string name = first.json()["metadata"]["name"];
  CHECK(name.starts_with("job-"));
  CHECK(name.size() == 9);
  CHECK(first.json()["metadata"]["generateName"] == "job-");
}

TEST_CASE("a dry run answers like the real thing and leaves nothing") {
  World world;
  auto made = world.ask(
      {.method = "POST", .target = collection + "?dryRun=All", .body = test::request_body("jane").dump()});
  REQUIRE(made.status == 201);
  CHECK(version_of(made.json()).empty());
  CHECK(!made.json()["metadata"]["uid"].empty());
  CHECK(world.get(collection + "/jane").status == 404);
  CHECK(world.log.all().empty());
}

TEST_CASE("what is not acceptable is refused in kube-apiserver's order") {
  World world;
  const auto post = [&](Headers headers, const std::string& body, const std::string& query = "") {
    return world
        .ask({.method = "POST", .target = collection + query, .body = body, .headers = std::move(headers)})
        .status;
  };
  CHECK(post({{"Accept", "text/html"}, {"Content-Type", "text/plain"}}, "{") == 406);
  CHECK(post({{"Content-Type", "text/plain"}}, "{", "?dryRun=x") == 415);
  CHECK(post({}, "{", "?dryRun=x") == 422);
  CHECK(post({}, "{") == 400);
  CHECK(post({}, "{}") == 422);
  CHECK(world
            .ask({.method = "POST",
                  .target = collection,
                  .body = "{",
                  .headers = {{"Accept", "text/html"}},
                  .as = ""})
            .status == 403);
  CHECK(world.ask({.method = "POST", .target = collection, .body = "{", .as = "wrong"}).status == 401);
}

TEST_CASE("a name that the log cannot keep is a 422, and the server goes on") {
  World world;
  const auto refused = world.create(std::string(engine::max_stream_bytes, 'a'), "jane");
  CHECK(refused.status == 422);
  CHECK(refused.json()["details"]["causes"][0]["field"] == "metadata.name");
  CHECK(world.create("jane", "jane").status == 201);
}

TEST_CASE("nobody gets a client certificate of system:masters") {
  World world;
  std::string request;
  auto body = test::request_body("evil", "kubernetes.io/kube-apiserver-client");
  engine::append_json_base64(request, "-----BEGIN CERTIFICATE REQUEST-----\nO=system:masters\n");
  body["spec"]["request"] = Json::parse(request);
  const auto refused = world.ask({.method = "POST", .target = collection, .body = body.dump(), .as = "jane"});
  CHECK(refused.status == 403);
  CHECK_THAT(
      refused.message(),
      Catch::Contains(
          "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed"));
}

// ---- who may ------------------------------------------------------------------------------------

TEST_CASE("who may create and get requests may nothing else") {
  World world;
  world.create("hers", "jane");
  CHECK(world.get(collection + "/hers", "jane").status == 200);
  CHECK(world.get(collection + "/missing", "jane").status == 404);
  const auto refused = world.ask({.method = "DELETE", .target = collection + "/hers", .as = "jane"});
  CHECK(refused.status == 403);
  CHECK(refused.message() ==
        "certificatesigningrequests.certificates.k8s.io \"hers\" is forbidden: User \"jane\" cannot delete "
        "resource "
        "\"certificatesigningrequests\" in API group \"certificates.k8s.io\" at the cluster scope");
  CHECK(refused.headers.get("X-Content-Type-Options") == "nosniff");
  CHECK(world.get(collection, "jane").status == 403);
  CHECK(world.get(collection + "?watch=1", "jane").status == 403);
  CHECK(world.approve("hers", "jane").status == 403);
  CHECK(world.get("/metrics", "jane").message() == "forbidden: User \"jane\" cannot get path \"/metrics\"");
  CHECK(world.get("/apis", "jane").status == 200);
  CHECK(world.get("/api/v1/nodes/x", "jane").message() ==
        "nodes \"x\" is forbidden: User \"jane\" cannot get resource \"nodes\" in API group \"\" at the "
        "cluster scope");
  CHECK(world.get("/api/v1/namespaces/default/secrets", "jane").message() ==
        "secrets is forbidden: User \"jane\" cannot list resource \"secrets\" in API group \"\" in the "
        "namespace \"default\"");
}

TEST_CASE("nobody in particular sees version and health only") {
  World world;
  CHECK(world.get("/healthz", "").status == 200);
  CHECK(world.get("/version", "").status == 200);
  CHECK(world.get("/apis", "").status == 403);
  CHECK(world.get(collection + "/x", "").status == 403);
  CHECK(world.get("/healthz", "wrong").status == 401);
}

TEST_CASE("a review says who one is and what one may") {
  World world;
  const auto self = world.ask({.method = "POST",
                               .target = "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                               .body = "{}",
                               .as = "jane"});
  CHECK(self.status == 201);
  CHECK(self.json()["status"]["userInfo"]["username"] == "jane");
  const auto may = [&](const std::string& as, const Json& asked) {
    const auto reply = world.ask({.method = "POST",
                                  .target = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                  .body = Json{{"spec", asked}}.dump(),
                                  .as = as});
    REQUIRE(reply.status == 201);
    return reply.json()["status"]["allowed"].get<bool>();
  };
  const Json approve = {{"resourceAttributes",
                         {{"verb", "approve"},
                          {"group", "certificates.k8s.io"},
                          {"resource", "signers"},
                          {"name", "example.com/x"}}}};
  CHECK(may("admin", approve));
  CHECK_FALSE(may("jane", approve));
  CHECK(may("jane", {{"nonResourceAttributes", {{"verb", "get"}, {"path", "/healthz"}}}}));
}

// ---- update -------------------------------------------------------------------------------------

TEST_CASE("an approval is answered as it left the object") {
  World world;
  world.create("jane");
  const auto approved = world.approve("jane");
  REQUIRE(approved.status == 200);
  CHECK(version_of(approved.json()) == "2");
  CHECK(approved.json()["status"]["conditions"][0]["type"] == "Approved");
  CHECK(world.get(collection + "/jane").body == approved.body);
}

TEST_CASE("a write that changes nothing writes nothing") {
  World world;
  const auto made = world.create("jane");
  const auto same = patch(world, "jane", "{}");
  CHECK(same.status == 200);
  CHECK(same.body == made.body);
  CHECK(patch(world, "jane", R"({"spec":{"signerName":"other.example.com/x"}})").body == made.body);
  CHECK(world.log.all().size() == 1);
}

TEST_CASE("labels are patched, an old version is a conflict, a dry run shows what would be") {
  World world;
  const auto made = world.create("jane").json();
  const auto labelled = patch(world, "jane", R"({"metadata":{"labels":{"a":"b"}}})");
  CHECK(labelled.json()["metadata"]["labels"] == Json{{"a", "b"}});
  CHECK(version_of(labelled.json()) == "2");
  const auto stale = patch(world, "jane", R"({"metadata":{"resourceVersion":"1","labels":{"a":"c"}}})");
  CHECK(stale.status == 409);
  CHECK(stale.message() ==
        "Operation cannot be fulfilled on certificatesigningrequests.certificates.k8s.io \"jane\": the "
        "object has been "
        "modified; please apply your changes to the latest version and try again");
  const auto dry = patch(world, "jane", R"({"metadata":{"labels":{"a":"c"}}})", "?dryRun=All");
  CHECK(dry.json()["metadata"]["labels"] == Json{{"a", "c"}});
  CHECK(version_of(dry.json()) == "2");
  CHECK(world.log.all().size() == 2);
  auto put = made;
  put["metadata"]["resourceVersion"] = "1";
  CHECK(world.ask({.method = "PUT", .target = collection + "/jane", .body = put.dump()}).status == 409);
  put["metadata"].erase("resourceVersion");
  const auto replaced = world.ask({.method = "PUT", .target = collection + "/jane", .body = put.dump()});
  CHECK(replaced.status == 200);
  CHECK_FALSE(replaced.json()["metadata"].contains("labels"));
}

TEST_CASE("what a request follows is named when it is made, and never changes") {
  World world;
  world.create("jane");
  const auto later =
      patch(world, "jane", R"({"metadata":{"annotations":{"csrflow.io/predecessor":"web-1"}}})");
  CHECK(later.status == 422);
  CHECK(later.body.find("metadata.annotations[csrflow.io/predecessor]") != std::string::npos);
  CHECK(patch(world, "jane", R"({"metadata":{"annotations":{"note":"x"}}})").status == 200);
}

TEST_CASE("many patches at once all go through: each is computed again when the object has moved") {
  World world;
  world.create("jane");
  std::vector<std::future<test::Reply>> replies;
  for (int i = 0; i < 4; ++i) {
    replies.push_back(world.start({.method = "PATCH",
                                   .target = collection + "/jane",
                                   .body = R"({"metadata":{"labels":{"l)" + std::to_string(i) + R"(":"x"}}})",
                                   .headers = {{"Content-Type", "application/merge-patch+json"}}}));
  }
  for (auto& reply : replies) CHECK(reply.get().status == 200);
  CHECK(world.get(collection + "/jane").json()["metadata"]["labels"].size() == 4);
}

TEST_CASE("what is not there cannot be changed or deleted") {
  World world;
  CHECK(world.approve("nobody").status == 404);
  CHECK(patch(world, "nobody", "{}").status == 404);
  CHECK(world.ask({.method = "DELETE", .target = collection + "/nobody"}).status == 404);
  CHECK(patch(world, "nobody", "{}", "", "text/plain").status == 415);
}

TEST_CASE("a certificate that another signer sets appears through /status") {
  World world;
  world.create("jane");
  std::string certificate;
  engine::append_json_base64(certificate, "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n");
  const auto signed_reply = patch(world, "jane/status", R"({"status":{"certificate":)" + certificate + "}}");
  REQUIRE(signed_reply.status == 200);
  CHECK(signed_reply.json()["status"]["certificate"] == Json::parse(certificate));
  CHECK(world.log.all().back().type == "signed");
}

// ---- delete -------------------------------------------------------------------------------------

TEST_CASE("a deletion says what it deleted, and the name is free") {
  World world;
  const auto uid = world.create("jane").json()["metadata"]["uid"];
  const auto gone = world.ask(
      {.method = "DELETE", .target = collection + "/jane", .body = R"({"propagationPolicy":"Background"})"});
  CHECK(gone.status == 200);
  CHECK(gone.json()["status"] == "Success");
  CHECK(gone.json()["details"]["uid"] == uid);
  CHECK_FALSE(gone.json().contains("code"));
  CHECK(world.get(collection + "/jane").status == 404);
  CHECK(world.create("jane").status == 201);
}

TEST_CASE("a deletion's preconditions name the kind") {
  World world;
  world.create("jane");
  const auto wrong_uid = world.ask(
      {.method = "DELETE", .target = collection + "/jane", .body = R"({"preconditions":{"uid":"xx"}})"});
  CHECK(wrong_uid.status == 409);
  CHECK_THAT(
      wrong_uid.message(),
      Catch::StartsWith("Operation cannot be fulfilled on CertificateSigningRequest.certificates.k8s.io "
                        "\"jane\": the UID in the precondition (xx) does not match"));
  const auto wrong_version = world.ask({.method = "DELETE",
                                        .target = collection + "/jane",
                                        .body = R"({"preconditions":{"resourceVersion":"77"}})"});
  CHECK_THAT(
      wrong_version.message(),
      Catch::Contains(
          "the ResourceVersion in the precondition (77) does not match the ResourceVersion in record (1)"));
  CHECK(world
            .ask({.method = "DELETE",
                  .target = collection + "/jane",
                  .body = R"({"preconditions":{"resourceVersion":"1"}})"})
            .status == 200);
}

TEST_CASE("a finalizer keeps the object until it is removed") {
  World world;
  world.create("jane", "admin", {{"metadata", {{"finalizers", {"example.com/x"}}}}});
  const auto marked = world.ask({.method = "DELETE", .target = collection + "/jane"});
  REQUIRE(marked.status == 200);
  CHECK(marked.json()["kind"] == "CertificateSigningRequest");
  CHECK(marked.json()["metadata"].contains("deletionTimestamp"));
  CHECK(world.create("jane").status == 409);
  const auto again = world.ask({.method = "DELETE", .target = collection + "/jane"});
  CHECK(again.body == marked.body);
  const auto last = patch(world, "jane", R"({"metadata":{"finalizers":null}})");
  CHECK(last.status == 200);
  CHECK_FALSE(last.json()["metadata"].contains("finalizers"));
  CHECK(version_of(last.json()) == version_of(marked.json()));
  CHECK(world.get(collection + "/jane").status == 404);
}

TEST_CASE("a collection is deleted by selector and answered as it was") {
  World world;
  world.create("a", "admin", {{"metadata", {{"labels", {{"kit", "x"}}}}}});
  world.create("b", "admin", {{"metadata", {{"labels", {{"kit", "x"}}}}}});
  world.create("c");
  const auto gone = world.ask({.method = "DELETE", .target = collection + "?labelSelector=kit%3Dx"});
  CHECK(gone.status == 200);
  CHECK(gone.json()["items"].size() == 2);
  CHECK(world.get(collection).json()["items"].size() == 1);
}

// ---- lists --------------------------------------------------------------------------------------

std::vector<std::string> names(const Json& list) {
  std::vector<std::string> found;
  for (const auto& item : list["items"]) found.push_back(item["metadata"]["name"]);
  return found;
}
using Names = std::vector<std::string>;

TEST_CASE("a collection of more objects than the writer lets wait is deleted all the same") {
  constexpr int many = 5000;
  World world;
  for (int i = 0; i < many; i += 250) {
    std::vector<std::future<test::Reply>> made;
    for (int k = i; k < i + 250; ++k)
      made.push_back(world.start({.method = "POST",
                                  .target = collection,
                                  .body = test::request_body("n" + std::to_string(k)).dump()}));
    for (auto& reply : made) REQUIRE(reply.get().status == 201);
  }
  const auto gone = world.ask({.method = "DELETE", .target = collection});
  CHECK(gone.status == 200);
  CHECK(gone.json()["items"].size() == many);
  CHECK(world.get(collection).json()["items"].empty());
}

TEST_CASE("pages of a list show one moment") {
  World world;
  for (const auto* name : {"a", "b", "c", "d"}) world.create(name);
  const auto first = world.get(collection + "?limit=2").json();
  CHECK(names(first) == Names{"a", "b"});
  CHECK(first["metadata"]["remainingItemCount"] == 2);
  world.create("bb");
  world.ask({.method = "DELETE", .target = collection + "/c"});
  patch(world, "d", R"({"metadata":{"labels":{"late":"yes"}}})");
  const std::string token = first["metadata"]["continue"];
  const auto second = world.get(collection + "?limit=2&continue=" + token).json();
  CHECK(names(second) == Names{"c", "d"});
  CHECK_FALSE(second["items"][1]["metadata"].contains("labels"));
  CHECK(version_of(second) == version_of(first));
  CHECK_FALSE(second["metadata"].contains("continue"));
}

TEST_CASE("every past position can be listed") {
  World world;
  world.create("a");
  world.create("b");
  patch(world, "a", R"({"metadata":{"labels":{"x":"y"}}})");
  world.ask({.method = "DELETE", .target = collection + "/b"});
  const auto at = [&](int position) {
    return world.get(collection + "?resourceVersionMatch=Exact&resourceVersion=" + std::to_string(position))
        .json();
  };
  CHECK(names(at(1)) == Names{"a"});
  CHECK(names(at(2)) == Names{"a", "b"});
  CHECK_FALSE(at(2)["items"][0]["metadata"].contains("labels"));
  CHECK(at(3)["items"][0]["metadata"]["labels"] == Json{{"x", "y"}});
  CHECK(names(at(4)) == Names{"a"});
  CHECK(version_of(at(3)) == "3");
}

TEST_CASE("selectors choose, and hide how many remain") {
  World world;
  world.create("a", "admin", {{"metadata", {{"labels", {{"x", "1"}}}}}});
  world.create("b", "admin", {{"spec", {{"signerName", "other.example.com/s"}}}});
  CHECK(names(world.get(collection + "?labelSelector=x%3D1").json()) == Names{"a"});
  CHECK(names(world.get(collection + "?fieldSelector=spec.signerName%3Dother.example.com%2Fs").json()) ==
        Names{"b"});
  CHECK(names(world.get(collection + "?fieldSelector=metadata.name%3Db").json()) == Names{"b"});
  CHECK(world.get(collection + "?fieldSelector=spec.foo%3Db").status == 400);
  CHECK_FALSE(
      world.get(collection + "?limit=1&labelSelector=x").json()["metadata"].contains("remainingItemCount"));
}

TEST_CASE("a list is a Table to who asks for one") {
  World world;
  world.create("jane", "jane");
  const auto table =
      world
          .ask({.method = "GET",
                .target = collection,
                .headers = {{"Accept", "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}}})
          .json();
  CHECK(table["kind"] == "Table");
  CHECK(table["rows"][0]["cells"][0] == "jane");
  CHECK(table["rows"][0]["cells"][5] == "Pending");
}

TEST_CASE("a version from the future is waited for, then a 504") {
  ApiLimits limits;
  limits.future_patience = 20ms;
  World impatient(limits);
  const auto late = impatient.get(collection + "/x?resourceVersion=99");
  CHECK(late.status == 504);
  CHECK(late.headers.get("Retry-After") == "1");
  CHECK(impatient.get(collection + "?resourceVersion=99").status == 504);

  limits.future_patience = 10s;
  World patient(limits);
  auto waiting = patient.start({.method = "GET", .target = collection + "/jane?resourceVersion=1"});
  patient.create("jane");
  CHECK(waiting.get().status == 200);
}

TEST_CASE("a bad continue token is a 400") {
  World world;
  CHECK_THAT(world.get(collection + "?continue=abc").message(),
             Catch::StartsWith("invalid continue token: continue key is not valid: "));
  CHECK_THAT(world.get(collection + "?continue=e30").message(),
             Catch::Contains("server does not recognize this encoded version"));
}

// ---- paths --------------------------------------------------------------------------------------

TEST_CASE("unknown paths, resources and methods are told apart") {
  World world;
  CHECK(world.get("/nope").body == "404 page not found\n");
  CHECK(world.get("/apis/nope.k8s.io/v1").body == "404 page not found\n");
  CHECK(world.get("/apis/nope.k8s.io/v1/things").body == "404 page not found\n");
  for (const auto* path :
       {"/apis/certificates.k8s.io/v1beta1", "/apis/certificates.k8s.io/v2/certificatesigningrequests",
        "/apis/certificates.k8s.io/v1/csr", "/apis/certificates.k8s.io/v1/certificatesigningrequests/x/nope",
        "/apis/certificates.k8s.io/v1/namespaces/default/certificatesigningrequests"}) {
    const auto reply = world.get(path);
    CHECK(reply.status == 404);
    CHECK(reply.message() == "the server could not find the requested resource");
  }
  for (const auto* method : {"HEAD", "OPTIONS", "FOO", "PUT"})
    CHECK(world.ask({.method = method, .target = collection}).status == 405);
  CHECK(world.get("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews").status == 405);
}

TEST_CASE("discovery, version, health and the events that do not exist") {
  World world;
  CHECK(world.get("/apis").json()["kind"] == "APIGroupList");
  const auto aggregated = world.ask(
      {.method = "GET",
       .target = "/apis",
       .headers = {{"Accept", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}}});
  CHECK(aggregated.headers.get("Content-Type") ==
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  const std::string etag(aggregated.headers.get("ETag"));
  CHECK(world
            .ask({.method = "GET",
                  .target = "/apis",
                  .headers = {{"Accept",
                               "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"},
                              {"If-None-Match", etag}}})
            .status == 304);
  CHECK(world.get("/readyz?verbose").body == "[+]ping ok\n[+]ready ok\nreadyz check passed\n");
  CHECK(world.get("/readyz?exclude=ping&verbose").body ==
        "[+]ping excluded: ok\n[+]ready ok\nreadyz check passed\n");
  CHECK(world.get("/livez/ping").body == "ok");
  CHECK(world.get("/livez/nope").status == 404);
  const auto events = world.get("/api/v1/events?limit=500").json();
  CHECK(events["kind"] == "EventList");
  CHECK(events["items"].empty());
  const std::string url =
      world.get("/openapi/v3").json()["paths"]["apis/certificates.k8s.io/v1"]["serverRelativeURL"];
  CHECK(world.get(url).json()["openapi"] == "3.0.0");
  CHECK(world.get("/openapi/v3/apis/certificates.k8s.io/v1?hash=wrong").headers.get("Location") == url);
}

TEST_CASE("a full disk is a 507 that names it, and nothing is written") {
  World world;
  world.log.fail_next_append = true;
  const auto refused = world.create("jane");
  CHECK(refused.status == 507);
  CHECK(world.create("jane").status == 201);
}

TEST_CASE("a stopping server says so") {
  World world;
  world.writer->stop();
  const auto refused = world.create("jane");
  CHECK(refused.status == 503);
  CHECK(!refused.headers.get("Retry-After").empty());
}

TEST_CASE("the log says who asked, from where and with what") {
  World world;
  world.ask({.method = "POST",
             .target = collection,
             .body = test::request_body("jane").dump(),
             .headers = {{"User-Agent", "kubectl/v1.35"}, {"Idempotency-Key", "k1"}},
             .as = "jane"});
  const auto context = Json::parse(world.log.all().front().context);
  CHECK(context["actor"]["user"] == "jane");
  CHECK(context["source"]["agent"] == "kubectl/v1.35");
}

}  // namespace
}  // namespace csrflow::api
