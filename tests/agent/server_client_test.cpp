// The agent's client against a server on this machine: what is sent, and what is made of the answers.
#include "agent/server_client.hpp"

#include <nlohmann/json.hpp>

#include "engine/base64.hpp"
#include "tests/agent/https_service.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using Json = nlohmann::json;
using test::Heard;
using test::HttpsService;
using test::ok;
using test::Pieces;
using Kind = CallFailure::Kind;

std::string base64(const std::string& bytes) {
  std::string text;
  engine::append_base64(text, bytes);
  return text;
}

std::string object(const std::string& certificate = {}) {
  return R"({"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{"name":"web-1-ab",)"
         R"("resourceVersion":"41","annotations":{"csrflow.io/issued-at":"2026-03-01T12:00:00Z"}},"spec":{"request":")" +
         base64("the request") +
         R"("},"status":{"conditions":[{"type":"Approved","status":"True"},)"
         R"({"type":"RotationDue","status":"True"},{"type":"Failed","status":"False"}])" +
         (certificate.empty() ? "" : R"(,"certificate":")" + base64(certificate) + '"') + "}}";
}

ServerClient client(const HttpsService& service,
                    Credentials credentials = {.token = "abcdef.0123456789abcdef"},
                    std::stop_token stop = {}) {
  return {{.host = "127.0.0.1", .port = service.port(), .prefix = {}},
          {service.certificate(), std::move(credentials)},
          std::move(stop)};
}

const std::string requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

}  // namespace

TEST_CASE("a request is created with its labels, and its answer is read") {
  HttpsService service([](const Heard&) { return Pieces{ok(object("a chain"), "201 Created")}; });
  auto server = client(service);
  const auto made = server.create({.name = "web-1-ab",
                                   .signer = {"example.com/web"},
                                   .request = "the request",
                                   .usages = {"server auth"},
                                   .lifetime = engine::seconds(86'400),
                                   .labels = {{"team", "shop"}},
                                   .host = "web-1",
                                   .predecessor = "web-1-aa"});
  REQUIRE(made);
  CHECK(made->name == "web-1-ab");
  CHECK(made->version == "41");
  CHECK(made->request == "the request");
  CHECK(made->certificate == "a chain");
  CHECK(made->approved);
  CHECK(made->rotation_due);
  CHECK_FALSE(made->failed);
  CHECK(made->issued_at == engine::parse_rfc3339("2026-03-01T12:00:00Z").value());
  const auto heard = service.heard();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].method == "POST");
  CHECK(heard[0].target == requests);
  CHECK(heard[0].authorization == "Bearer abcdef.0123456789abcdef");
  CHECK(Json::parse(heard[0].body) ==
        Json::parse(R"({"apiVersion":"certificates.k8s.io/v1","kind":"CertificateSigningRequest","metadata":{
          "name":"web-1-ab","labels":{"team":"shop","csrflow.io/agent":"web-1"},
          "annotations":{"csrflow.io/predecessor":"web-1-aa"}},"spec":{"signerName":"example.com/web",
          "request":"dGhlIHJlcXVlc3Q=","usages":["server auth"],"expirationSeconds":86400}})"));
}

TEST_CASE("an installation is reported as the server wants it") {
  HttpsService service([](const Heard&) { return Pieces{ok("{}", "201 Created")}; });
  auto server = client(service);
  REQUIRE(server.report("web-1-ab", {.serial = {std::string("\x00\x81", 2)},
                                     .host = "web-1",
                                     .place = "/var/lib/csrflow-agent/web-1/current",
                                     .outcome = InstallationReport::Outcome::rolled_back,
                                     .step = "probe",
                                     .message = "not \xff UTF-8",
                                     .at = engine::from_seconds(1'772'366'400)}));
  const auto heard = service.heard().at(0);
  CHECK(heard.target == requests + "/web-1-ab/installed");
  CHECK(Json::parse(heard.body) ==
        Json::parse(R"({"apiVersion":"csrflow.io/v1","kind":"InstallationReport","spec":{
    "serial":"0081","host":"web-1","place":"/var/lib/csrflow-agent/web-1/current","outcome":"rolled-back",
    "step":"probe","message":"not � UTF-8","at":"2026-03-01T12:00:00Z"}})"));
}

TEST_CASE("a rekey goes over a connection that shows the expired certificate") {
  HttpsService service([](const Heard&) { return Pieces{ok(object(), "201 Created")}; });
  const auto key = PrivateKey::make(KeyKind::p256);
  auto server =
      client(service,
             {.token = {}, .chain = test::self_signed(key, "host:web-1", -7'200, -3'600), .key = key.pem()});
  const auto made =
      server.rekey("web-1-aa", {.name = "web-1-ab", .request = "the request", .signature = "signed"});
  REQUIRE(made);
  CHECK(made->name == "web-1-ab");
  const auto heard = service.heard().at(0);
  CHECK(heard.target == requests + "/web-1-aa/rekey");
  CHECK(heard.peer == "host:web-1");
  CHECK(heard.authorization.empty());
  CHECK(Json::parse(heard.body) == Json::parse(R"({"apiVersion":"csrflow.io/v1","kind":"Rekey","spec":{
    "name":"web-1-ab","request":"dGhlIHJlcXVlc3Q=","signature":"c2lnbmVk"}})"));
}

TEST_CASE("the answers of a server that does not do it are told apart, in its own words") {
  const auto [status, kind] = GENERATE(table<std::string, Kind>({{"400 Bad Request", Kind::refused},
                                                                 {"401 Unauthorized", Kind::unauthorized},
                                                                 {"403 Forbidden", Kind::forbidden},
                                                                 {"404 Not Found", Kind::not_found},
                                                                 {"409 Conflict", Kind::conflict},
                                                                 {"410 Gone", Kind::gone},
                                                                 {"422 Unprocessable Entity", Kind::refused},
                                                                 {"429 Too Many Requests", Kind::busy},
                                                                 {"500 Internal Server Error", Kind::busy}}));
  HttpsService service(
      [status = status](const Heard&) { return Pieces{ok(R"({"message":"because"})", status)}; });
  const auto answer = client(service).get("web-1-ab");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == kind);
  CHECK(answer.error().message == "because");
}

TEST_CASE("a server that is in a hurry says when to come back") {
  HttpsService service([](const Heard&) {
    return Pieces{"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"};
  });
  const auto answer = client(service).get("web-1-ab");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Kind::busy);
  CHECK(answer.error().retry_after == engine::seconds(7));
  CHECK(answer.error().message == "the server answered with status 503");
}

TEST_CASE("nonsense is no answer, and never a crash") {
  const auto text =
      GENERATE(as<std::string>(), ok("[]"), ok("{"), ok(R"({"metadata":7})"), "", "HTTP/1.1 200",
               "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", std::string(100'000, 'x'));
  HttpsService service([&](const Heard&) { return Pieces{text}; });
  CHECK_FALSE(client(service).get("web-1-ab"));
  CHECK_FALSE(client(service).list("web-1"));
}

TEST_CASE("a watch tells changes as they come, and ends in good order") {
  HttpsService service([](const Heard&) {
    const std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string added = R"({"type":"ADDED","object":)" + object() + "}\n";
    const std::string bookmark = R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"50"}}})"
                                 "\n";
    const std::string deleted = R"({"type":"DELETED","object":)" + object() + "}\n";
    return Pieces{head, test::chunk(added.substr(0, 40)), test::chunk(added.substr(40) + bookmark),
                  test::chunk(deleted) + "0\r\n\r\n"};
  });
  auto server = client(service);
  auto watch = server.watch("web-1", "40");
  REQUIRE(watch);
  CHECK(service.heard().at(0).target ==
        requests +
            "?watch=true&allowWatchBookmarks=true&timeoutSeconds=3600&resourceVersion=40&labelSelector="
            "csrflow.io%2Fagent%3Dweb-1");
  using std::chrono::milliseconds;
  auto next = (*watch)->next(milliseconds(1));
  REQUIRE(next);
  CHECK_FALSE(*next);  // nothing yet
  service.go_on();
  service.go_on();
  next = (*watch)->next(milliseconds(10'000));
  REQUIRE((next && *next));
  CHECK((*next)->kind == RequestChange::Kind::changed);
  CHECK((*next)->object.name == "web-1-ab");
  next = (*watch)->next(milliseconds(10'000));
  REQUIRE((next && *next));
  CHECK((*next)->kind == RequestChange::Kind::bookmark);
  CHECK((*next)->object.version == "50");
  service.go_on();
  next = (*watch)->next(milliseconds(10'000));
  REQUIRE((next && *next));
  CHECK((*next)->kind == RequestChange::Kind::deleted);
  next = (*watch)->next(milliseconds(10'000));
  REQUIRE_FALSE(next);
  CHECK(next.error().kind == Kind::gone);
}

TEST_CASE("a version that is too old ends a watch, at its beginning or in it") {
  HttpsService service([](const Heard& heard) {
    if (heard.target.find("fieldSelector") != std::string::npos)
      return Pieces{ok(R"({"message":"too old"})", "410 Gone")};
    const std::string line = R"({"type":"ERROR","object":{"code":410,"message":"too old"}})"
                             "\n";
    return Pieces{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + test::chunk(line)};
  });
  auto server = client(service);
  const auto refused = server.watch_one("web-1-ab", "1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Kind::gone);
  auto watch = server.watch("web-1", "1");
  REQUIRE(watch);
  const auto next = (*watch)->next(std::chrono::milliseconds(10'000));
  REQUIRE_FALSE(next);
  CHECK(next.error().kind == Kind::gone);
}

TEST_CASE("a stop ends a watch that waits") {
  HttpsService service([](const Heard&) {
    return Pieces{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "never sent"};
  });
  std::stop_source stop;
  auto server = client(service, {.token = "t"}, stop.get_token());
  auto watch = server.watch("web-1", "1");
  REQUIRE(watch);
  const std::jthread other([&] { stop.request_stop(); });
  const auto next = (*watch)->next(std::chrono::hours(24));
  CHECK((next && !*next));
}

TEST_CASE("a server that is not the one that is trusted, or not there, is said with its address") {
  HttpsService service([](const Heard&) { return Pieces{ok(object())}; });
  const auto stranger = test::self_signed(PrivateKey::make(KeyKind::p256), "stranger");
  ServerClient doubtful({.host = "127.0.0.1", .port = service.port(), .prefix = {}},
                        {stranger, {.token = "t"}}, {});
  auto answer = doubtful.get("web-1-ab");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Kind::unreachable);
  CHECK(answer.error().message.find("https://127.0.0.1:" + service.port() + ": no TLS connection") == 0);
  CHECK(answer.error().message.find("among the trusted ones") != std::string::npos);
  CHECK(service.heard().empty());  // no token was sent

  // The right authority under another name.
  ServerClient misnamed({.host = "localhost", .port = service.port(), .prefix = {}},
                        {service.certificate(), {.token = "t"}}, {});
  answer = misnamed.get("web-1-ab");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == Kind::unreachable);
  CHECK(service.heard().empty());

  ServerClient nobody({.host = "127.0.0.1", .port = "1", .prefix = {}}, {service.certificate(), {}}, {});
  answer = nobody.get("web-1-ab");
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.find("cannot be reached") != std::string::npos);
}

TEST_CASE("addresses of servers") {
  const auto read = [](const char* url) { return parse_server_address(url); };
  CHECK(read("https://ca.example.com")->port == "443");
  CHECK(read("https://ca.example.com:6443/k8s/")->prefix == "/k8s");
  CHECK(read("https://[2001:db8::1]:6443")->host == "2001:db8::1");
  CHECK(read("https://[2001:db8::1]:6443")->url() == "https://[2001:db8::1]:6443");
  for (const auto* wrong :
       {"http://ca.example.com", "https://", "https://:1", "https://a:0", "https://a:65536", "https://a:b",
        "https://jane@a", "https://a?b", "https://[::1", "ca.example.com", ""})
    CHECK_FALSE(read(wrong));
}

}  // namespace csrflow::agent
