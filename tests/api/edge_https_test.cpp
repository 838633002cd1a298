// The API behind the real HTTPS server, over loopback.
#include "api/http_server.hpp"
#include "tests/api/edge_client.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::collection;
using test::Json;
using test::TlsClient;

struct RealClock final : engine::Clock {
  engine::Timestamp now() const override { return engine::from_seconds(std::time(nullptr)); }
};

struct Edge {
  std::uint16_t port() const { return server.port(); }
  test::HttpAnswer get(const std::string& target, const test::Credential* as) {
    return TlsClient(port(), as).ask("GET", target);
  }

  RealClock clock;
  test::Authority authority;
  test::Credential own = authority.issue(test::server());
  test::World world{{}, {}, {}, std::make_shared<ClientCertificates>(authority.pem(), clock)};
  HttpServer server{{.certificate = own.certificate, .key = own.key, .client_cas = authority.pem()},
                    [this](std::shared_ptr<Exchange> exchange) { world.api->handle(std::move(exchange)); }};
};

TEST_CASE("over TLS: a good certificate is a user, a bad one a 401, none is anonymous") {
  Edge edge;
  const auto admin =
      edge.authority.issue(test::client({.common_name = "root", .organizations = {"system:masters"}}));
  CHECK(edge.get(collection, &admin).status == 200);
  const auto foreign = test::Authority("another CA")
                           .issue(test::client({.common_name = "root", .organizations = {"system:masters"}}));
  const auto refused = edge.get(collection, &foreign);
  CHECK(refused.status == 401);
  CHECK(Json::parse(refused.body)["message"] == "Unauthorized");
  const auto expired =
      edge.authority.issue({.subject = {.common_name = "root"}, .not_before = -7200, .not_after = -3600});
  CHECK(edge.get("/healthz", &expired).status == 401);
  CHECK(edge.get(collection, nullptr).status == 403);
}

TEST_CASE(
    "over TLS: two watchers see each event once and in order, whole requests on one connection between "
    "them") {
  Edge edge;
  const Headers admin{{"Authorization", "Bearer admin"}};
  TlsClient one(edge.port()), other(edge.port()), writer(edge.port());
  for (auto* watcher : {&one, &other}) {
    watcher->send("GET " + collection +
                  "?watch=1 HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer admin\r\n\r\n");
    CHECK(watcher->read_head().status == 200);
  }
  for (int i = 0; i < 10; ++i) {
    const auto made =
        writer.ask("POST", collection, admin, test::request_body("n" + std::to_string(i)).dump());
    REQUIRE(made.status == 201);
  }
  for (auto* watcher : {&one, &other}) {
    for (int i = 0; i < 10; ++i) {
      const auto event = Json::parse(watcher->next_line().value());
      CHECK(event["type"] == "ADDED");
      CHECK(event["object"]["metadata"]["name"] == "n" + std::to_string(i));
    }
  }
}

TEST_CASE("over TLS: a body over the limit is a 413 after who and whether, as kube-apiserver") {
  Edge edge;
  const std::string large(3 * 1024 * 1024 + 1, ' ');
  const auto refused =
      TlsClient(edge.port()).ask("POST", collection, {{"Authorization", "Bearer admin"}}, large);
  CHECK(refused.status == 413);
  CHECK(Json::parse(refused.body)["message"] == "Request entity too large: limit is 3145728");
  CHECK(TlsClient(edge.port()).ask("POST", collection, {}, large).status == 403);
}

}  // namespace
}  // namespace csrflow::api
