// A new key for a certificate, by whoever holds the old one, also when it has expired.
#include "api/http_server.hpp"
#include "tests/api/edge_client.hpp"
#include "tests/api/edge_hosts.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

TEST_CASE("an expired certificate is replaced by one over a new key, once") {
  Estate estate;
  const auto old = estate.enrol(
      "web-1", "web-1", expired_life,
      {{"metadata", {{"labels", {{"tier", "front"}}}}}, {"spec", {{"expirationSeconds", 7200}}}});
  const auto body = estate.rekey_body("web-1.2", old);
  const auto made = estate.rekey("web-1", old, body);
  INFO(made.body);
  REQUIRE(made.status == 201);
  const auto successor = made.json();
  CHECK(successor["metadata"]["name"] == "web-1.2");
  CHECK(successor["metadata"]["labels"] == Json{{"csrflow.io/agent", "web-1"}, {"tier", "front"}});
  CHECK(successor["metadata"]["annotations"] == Json{{"csrflow.io/predecessor", "web-1"}});
  CHECK(successor["spec"]["request"] == body["spec"]["request"]);
  CHECK(successor["spec"]["signerName"] == "example.com/custom");
  CHECK(successor["spec"]["usages"] == Json{"client auth"});
  CHECK(successor["spec"]["expirationSeconds"] == 7200);
  CHECK(successor["spec"]["username"] == "csrflow:agent:web-1");
  CHECK(estate.events("csr/web-1").back() == "successor_created");

  const auto again = estate.rekey("web-1", old, body);
  CHECK(again.status == 201);
  CHECK(again.json()["metadata"]["uid"] == successor["metadata"]["uid"]);
  const auto other = estate.rekey("web-1", old, estate.rekey_body("web-1.other", old));
  CHECK(other.status == 409);
  CHECK(other.json()["reason"] == "AlreadyReplaced");
  CHECK_THAT(other.message(), Catch::Contains("web-1 has a successor: web-1.2"));
  CHECK(estate.events("csr/web-1.2") == Texts{"created"});
}

TEST_CASE("a valid certificate may be rekeyed in the same way") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", valid_life);
  CHECK(estate.rekey("web-1", old, estate.rekey_body("web-1.2", old)).status == 201);
}

TEST_CASE("a name that somebody else holds is taken") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", expired_life);
  estate.enrol("web-1.2", "web-2", valid_life);
  const auto refused = estate.rekey("web-1", old, estate.rekey_body("web-1.2", old));
  CHECK(refused.status == 409);
  CHECK(refused.json()["reason"] == "AlreadyExists");
}

TEST_CASE("an expired certificate is good for nothing else, and one is told what to do") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", expired_life);
  estate.enrol("web-2", "web-2", valid_life);
  REQUIRE(estate.rekey("web-1", old, estate.rekey_body("web-1.2", old)).status == 201);
  const auto body = estate.rekey_body("web-1.3", old);
  const auto refused = [&](const std::string& method, const std::string& target, const Json& sent = {},
                           Headers headers = {}) {
    const auto reply = estate.ask(method, target, old, sent, std::move(headers));
    INFO(method << ' ' << target << ": " << reply.body);
    CHECK(reply.status == 401);
    CHECK(reply.json()["reason"] == "Unauthorized");
    CHECK_THAT(reply.message(), Catch::Contains("csrflow:agent:web-1") && Catch::Contains("expired 20") &&
                                    Catch::Contains("csrflow token create --agent"));
  };
  refused("GET", "/healthz");
  refused("GET", "/api");
  refused("GET", collection);
  refused("GET", collection + "?watch=1");
  refused("GET", collection + "/web-1");
  refused("GET", collection + "/web-2");
  refused("GET", collection + "/nothing");
  refused("GET", collection + "?fieldSelector=metadata.name=web-2");
  refused("GET", collection + "/web-1.2/status");
  refused("POST", collection, request_body("web-1.3"));
  refused("DELETE", collection + "/web-1.2");
  refused("PATCH", collection + "/web-1.2", Json::object());
  refused("POST", collection + "/web-1/installed", Json::object());
  refused("POST", collection + "/web-1/review", Json::object());
  refused("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", Json::object());
  refused("GET", "/apis/csrflow.io/v1/tokens");
  refused("POST", collection + "/web-1/rekey", body, {{"Impersonate-User", "admin"}});

  CHECK(estate.ask("GET", collection + "/web-1.2", old).status == 200);
  CHECK(estate.ask("GET", collection + "?fieldSelector=metadata.name=web-1.2", old).json()["items"].size() ==
        1);
}

TEST_CASE("with an expired certificate a good token counts, and a bad one does not help") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", expired_life);
  const auto as = [&](const std::string& token) {
    return estate.ask("GET", collection, old, {}, {{"Authorization", "Bearer " + token}}).status;
  };
  CHECK(as("admin") == 200);
  CHECK(as("nobodys") == 401);
}

TEST_CASE("only the holder of the very certificate gets a successor") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", expired_life);
  const auto neighbour = estate.enrol("web-2", "web-2", expired_life);
  const auto valid_neighbour = estate.enrol("web-3", "web-3", valid_life);
  const auto refused = [&](const std::string& name, const Credential& presented, const Json& body, int status,
                           const std::string& words) {
    const auto reply = estate.rekey(name, presented, body);
    INFO(reply.body);
    CHECK(reply.status == status);
    CHECK_THAT(reply.message(), Catch::Contains(words));
  };
  refused("web-1", neighbour, estate.rekey_body("web-1.2", neighbour), 403, "is not that of web-1");
  refused("web-1", valid_neighbour, estate.rekey_body("web-1.2", old), 403, "is not that of web-1");
  refused("web-1", old, estate.rekey_body("web-1.2", neighbour), 422, "the signature is not that");
  refused("nothing", old, estate.rekey_body("web-1.2", old), 404, "not found");
  auto longer = estate.rekey_body("web-1.2", old);
  longer["spec"]["signature"] = "AAAA" + longer["spec"]["signature"].get<std::string>();
  refused("web-1", old, longer, 422, "the signature is not that");
  auto elsewhere = estate.rekey_body("web-1.2", old);
  elsewhere["spec"]["labels"] = {{"csrflow.io/agent", "web-2"}};
  refused("web-1", old, elsewhere, 422, "the host is that of the predecessor: web-1");
  refused("web-1", old, {{"spec", Json::object()}}, 422, "spec.signature: Required value");
  refused("web-1", old, {{"kind", "Review"}}, 400, "it must be Rekey");

  const auto by_token = estate.world.ask({.method = "POST",
                                          .target = collection + "/web-1/rekey",
                                          .body = estate.rekey_body("web-1.2", old).dump()});
  CHECK(by_token.status == 403);
  CHECK_THAT(by_token.message(), Catch::Contains("with the client certificate that it replaces"));
  CHECK(estate.world.get(collection + "/web-1.2").status == 404);
}

TEST_CASE("a certificate of another authority is nobody's, even with the same names") {
  Estate estate;
  estate.enrol("web-1", "web-1", expired_life);
  const auto foreign = Authority("another CA")
                           .issue({.subject = agent_of("web-1"), .not_before = -7'200, .not_after = -3'600});
  const auto reply = estate.rekey("web-1", foreign, estate.rekey_body("web-1.2", foreign));
  CHECK(reply.status == 401);
  CHECK(reply.message() == "Unauthorized");
}

TEST_CASE("after the grace the answer names the way out") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", long_expired_life);
  const auto late = estate.rekey("web-1", old, estate.rekey_body("web-1.2", old));
  CHECK(late.status == 403);
  CHECK_THAT(late.message(), Catch::Contains("the grace for a rekey ended") &&
                                 Catch::Contains("csrflow token create --agent"));
}

TEST_CASE("over TLS: an expired certificate passes the handshake and is rekeyed") {
  Estate estate;
  const auto old = estate.enrol("web-1", "web-1", expired_life);
  const auto own = estate.authority.issue(server());
  HttpServer https(
      {.certificate = own.certificate, .key = own.key, .client_cas = estate.authority.pem()},
      [&](std::shared_ptr<Exchange> exchange) { estate.world.api->handle(std::move(exchange)); });
  const auto ask = [&](const std::string& method, const std::string& target, const std::string& body = {}) {
    return TlsClient(https.port(), &old).ask(method, target, {}, body);
  };
  CHECK(ask("GET", collection).status == 401);
  const auto body = estate.rekey_body("web-1.2", old).dump();
  CHECK(ask("POST", collection + "/web-1/rekey", body).status == 201);
  CHECK(ask("GET", collection + "/web-1.2").status == 200);
}

}  // namespace
}  // namespace csrflow::api
