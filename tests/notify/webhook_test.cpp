// Webhooks against a real HTTPS server of the test's own.
#include "notify/webhook.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/notify/local_server.hpp"
#include "tests/notify/news.hpp"

using namespace csrflow;
using namespace csrflow::notify;
using namespace csrflow::notify::test;

namespace {

std::string answer(const std::string& status, const std::string& more = "", const std::string& body = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + more + "\r\n" + body;
}

/// An HTTPS server that keeps what it was sent.
struct Receiver {
  explicit Receiver(std::string says = answer("204 No Content"))
      : server([this, says = std::move(says)](Connection& connection) {
          connection.start_tls(identity);
          HttpRequest request = read_request(connection);
          {
            const std::scoped_lock lock(mutex);
            requests.push_back(std::move(request));
          }
          connection.say(says);
        }) {
    put(folder / "ca.pem", identity.pem());
  }
  engine::Webhook webhook() const {
    return {.url = "https://" + server.address() + "/hook/t0ken?x=1",
            .secret_file = {},
            .ca_file = folder / "ca.pem"};
  }
  HttpRequest only_request() {
    const std::scoped_lock lock(mutex);
    REQUIRE(requests.size() == 1);
    return requests.front();
  }

  Folder folder;
  ServerIdentity identity;
  std::mutex mutex;
  std::vector<HttpRequest> requests;  // guarded by mutex
  LocalServer server;                 // last: its thread uses everything above
};

auto post(const engine::Webhook& webhook, const engine::Notification& notification = news()) {
  return post_webhook(webhook, notification, noon, std::stop_token{}, engine::seconds(20));
}

engine::DeliveryFailure failure_of(const std::string& says) {
  Receiver receiver(says);
  const auto sent = post(receiver.webhook());
  REQUIRE_FALSE(sent);
  return sent.error();
}

bool says(const engine::DeliveryFailure& failure, const std::string& text) {
  return failure.message.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a webhook's signature is HMAC-SHA256 over timestamp, dot and body") {
  // printf '%s' '1788264000.{"id":"ops/4711"}' | openssl dgst -sha256 -hmac "a secret of the receiver"
  CHECK(webhook_signature("a secret of the receiver", "1788264000", R"({"id":"ops/4711"})") ==
        "sha256=207fb768e7b1b70b27909046fb5b4a5b705f1f7d65021fbb95abaa961cde145b");
}

TEST_CASE("a webhook gets the notification, its id, and a signature that it can check") {
  Receiver receiver;
  auto webhook = receiver.webhook();
  webhook.secret_file = secret_in(receiver.folder, "a secret of the receiver\n");
  REQUIRE(post(webhook));

  const HttpRequest request = receiver.only_request();
  CHECK(request.line == "POST /hook/t0ken?x=1 HTTP/1.1");
  CHECK(request.header("content-type") == "application/json");
  CHECK(request.header("csrflow-notification") == "ops/4711");
  CHECK(request.header("csrflow-timestamp") == "1788264000");
  CHECK(request.header("csrflow-signature") ==
        webhook_signature("a secret of the receiver", "1788264000", request.body));
  CHECK(nlohmann::json::parse(request.body) ==
        nlohmann::json({{"apiVersion", "csrflow.io/v1"},
                        {"kind", "Notification"},
                        {"id", "ops/4711"},
                        {"event", "rotation-failed"},
                        {"at", "2026-09-01T12:00:00.000250Z"},
                        {"position", 4711},
                        {"stream", "csr/web-1"},
                        {"object", "web-1"},
                        {"title", "web-1 was not rotated"},
                        {"text", "The signer is away.\nThe next attempt is at 13:00."}}));
}

TEST_CASE("a webhook without a secret is not signed") {
  Receiver receiver;
  REQUIRE(post(receiver.webhook()));
  CHECK(receiver.only_request().header("csrflow-signature").empty());
}

TEST_CASE("a title cannot add a header or end the JSON") {
  const std::string title = "a\r\nCsrflow-Signature: sha256=00\r\n\r\n\",\"id\":\"\x01\xff\xc3\xa9";
  auto notification = news(title);
  notification.id = "ops/1\r\nX-Mine: 1";
  Receiver receiver;
  REQUIRE(post(receiver.webhook(), notification));
  const HttpRequest request = receiver.only_request();
  CHECK(request.header("csrflow-notification") == "ops/1__X-Mine:_1");
  CHECK(request.header("csrflow-signature").empty());
  CHECK(request.header("x-mine").empty());
  const auto body = nlohmann::json::parse(request.body);
  CHECK(body.at("title") == "a\r\nCsrflow-Signature: sha256=00\r\n\r\n\",\"id\":\"\x01\xef\xbf\xbd\xc3\xa9");
}

TEST_CASE("what a status of a webhook means") {
  for (const char* status : {"408 Request Timeout", "425 Too Early", "429 Too Many Requests", "302 Found",
                             "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"}) {
    INFO(status);
    CHECK_FALSE(failure_of(answer(status)).lasting);
  }
  for (const char* status :
       {"400 Bad Request", "401 Unauthorized", "404 Not Found", "410 Gone", "422 Unprocessable"}) {
    INFO(status);
    CHECK(failure_of(answer(status)).lasting);
  }
  for (const char* status : {"200 OK", "201 Created", "202 Accepted", "204 No Content"}) {
    INFO(status);
    Receiver receiver(answer(status));
    CHECK(post(receiver.webhook()));
  }
}

TEST_CASE("a failure of a webhook says what the receiver said, and nothing that proves the sender") {
  const auto failure =
      failure_of(answer("503 Service Unavailable", "Retry-After: 30\r\n", "come back\r\nlater"));
  CHECK(says(failure, "answered with status 503; it asks to wait 30 s: come back  later"));
  CHECK_FALSE(says(failure, "t0ken"));
  const auto endless = failure_of(answer("400 Bad Request", "", std::string(100'000, 'x')));
  CHECK(endless.message.size() <= 300);
}

TEST_CASE("a webhook's server must be who it says") {
  Receiver receiver;
  auto webhook = receiver.webhook();
  webhook.ca_file = {};
  const auto unknown = post(webhook);
  REQUIRE_FALSE(unknown);
  CHECK(says(unknown.error(), "certificate"));
  CHECK_FALSE(unknown.error().lasting);

  const ServerIdentity other("DNS:other.example.com");
  LocalServer impostor([&](Connection& connection) { connection.start_tls(other); });
  put(receiver.folder / "other.pem", other.pem());
  const auto misnamed = post({"https://" + impostor.address() + "/", {}, receiver.folder / "other.pem"});
  REQUIRE_FALSE(misnamed);
  CHECK(says(misnamed.error(), "127.0.0.1"));
}

TEST_CASE("http is for this machine only") {
  LocalServer plain([](Connection& connection) {
    read_request(connection);
    connection.say(answer("200 OK"));
  });
  CHECK(post({"http://" + plain.address() + "/hook", {}, {}}));
  for (const char* url :
       {"http://example.com/hook", "http://127.0.0.1.example.com/", "ftp://127.0.0.1/", "hook"}) {
    const auto refused = post({url, {}, {}});
    INFO(url);
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().lasting);
  }
}

TEST_CASE("a receiver that is silent is given up after the time limit") {
  LocalServer silent([](Connection& connection) { connection.wait_until_gone(); });
  const auto sent =
      post_webhook({"http://" + silent.address() + "/", {}, {}}, news(), noon, std::stop_token{}, {200'000});
  REQUIRE_FALSE(sent);
  CHECK_FALSE(sent.error().lasting);
  CHECK(says(sent.error(), "timed out"));
}

TEST_CASE("a delivery under way ends when csrflow stops") {
  std::stop_source stop;
  LocalServer silent([&](Connection& connection) {
    read_request(connection);
    stop.request_stop();
    connection.wait_until_gone();
  });
  const auto sent =
      post_webhook({"http://" + silent.address() + "/", {}, {}}, news(), noon, stop.get_token());
  REQUIRE_FALSE(sent);
  CHECK_FALSE(says(sent.error(), "timed out"));
}

TEST_CASE("a secret that cannot be read keeps a webhook from being sent unsigned") {
  Receiver receiver;
  auto webhook = receiver.webhook();
  webhook.secret_file = receiver.folder / "nothing-here";
  const auto sent = post(webhook);
  REQUIRE_FALSE(sent);
  CHECK(says(sent.error(), "nothing-here cannot be read: No such file or directory"));
  CHECK_FALSE(sent.error().lasting);
  CHECK(receiver.requests.empty());
}
