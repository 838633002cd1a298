// What a slow, greedy or hostile client meets, one limit a test: each would hang or fail without its limit.
#include <future>

#include "api/http_rules.hpp"
#include "api/http_server.hpp"
#include "api/peer_budget.hpp"
#include "tests/api/edge_client.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;
using test::TcpClient;
using test::TlsClient;

Response said(std::string text) {
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain"}},
          .body = std::make_shared<const std::string>(std::move(text))};
}

void echo(std::shared_ptr<Exchange> exchange) {
  const auto& request = exchange->request();
  exchange->answer(said(request.method + ' ' + request.path + '|' + request.query + '|' + request.body));
}

struct Server {
  explicit Server(HttpLimits limits = {}, HttpServer::Handler handler = echo)
      : http(
            {.certificate = own.certificate, .key = own.key, .client_cas = authority.pem(), .limits = limits},
            std::move(handler)) {}
  std::uint16_t port() const { return http.port(); }
  bool answers() { return TlsClient(port()).ask("GET", "/").status == 200; }

  test::Authority authority;
  test::Credential own = authority.issue(test::server());
  HttpServer http;
};

HttpLimits quick() {
  HttpLimits limits;
  limits.tick = 5ms;
  limits.farewell = 20ms;
  return limits;
}

const std::string get = "GET / HTTP/1.1\r\nHost: t\r\n\r\n";
const std::string post = "POST / HTTP/1.1\r\nHost: t\r\n";

// ---- time ---------------------------------------------------------------------------------------

TEST_CASE("a handshake that does not come to its end is cut") {
  auto limits = quick();
  limits.handshake = 20ms;
  Server server(limits);
  TcpClient silent(server.port()), half(server.port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01", 6));  // the beginning of a ClientHello
  CHECK(server.answers());
  CHECK(silent.at_end());
  CHECK(half.at_end());
}

TEST_CASE("what is no TLS is cut at once") {
  Server server;
  TcpClient plain(server.port());
  plain.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(plain.at_end());
}

TEST_CASE("headers and bodies that come too slowly are cut, whatever of them has come") {
  auto limits = quick();
  limits.request = 20ms;
  Server server(limits);
  const std::string begun = GENERATE_COPY(
      as<std::string>{}, "G", "GET / HTTP/1.1\r\nHost: t\r\nX-Slow: ", post + "Content-Length: 10\r\n\r\n",
      post + "Content-Length: 10\r\n\r\nabc", post + "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
      post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: ");
  TlsClient slow(server.port());
  slow.send(begun);
  CHECK(slow.at_end());
}

TEST_CASE("an answer that its client does not read is given up, and its memory is free") {
  auto limits = quick();
  limits.write = 20ms;
  std::promise<void> freed;
  std::atomic<bool> first = true;
  Server server(limits, [&](std::shared_ptr<Exchange> exchange) {
    if (!first.exchange(false)) return exchange->answer(said("fine"));
    // More than the kernel's buffers hold.
    exchange->answer({.status = 200, .body = SharedBytes(new std::string(64 << 20, 'x'), [&](auto* bytes) {
                                       delete bytes;
                                       freed.set_value();
                                     })});
  });
  TlsClient deaf(server.port());
  deaf.send(get);
  CHECK(freed.get_future().wait_for(10s) == std::future_status::ready);
  CHECK(server.answers());
}

TEST_CASE("a watch that its client does not read is ended") {
  auto limits = quick();
  limits.write = 20ms;
  std::promise<std::shared_ptr<Stream>> opened;
  Server server(limits,
                [&](const std::shared_ptr<Exchange>& exchange) { opened.set_value(exchange->stream({})); });
  TlsClient deaf(server.port());
  deaf.send(get);
  const auto stream = opened.get_future().get();
  std::promise<void> closed;
  stream->on_closed([&] { closed.set_value(); });
  const auto over = closed.get_future();
  const auto event = std::make_shared<const std::string>(64 * 1024, 'x');
  std::mutex mutex;
  std::condition_variable room;
  bool writable = true;
  stream->on_writable([&] {
    const std::lock_guard lock(mutex);
    writable = true;
    room.notify_one();
  });
  // Once the kernel's buffers are full, there is no more room.
  for (bool more = true; more;) {
    while (stream->write(event) && over.wait_for(0s) != std::future_status::ready) {
    }
    std::unique_lock lock(mutex);
    writable = false;
    more =
        room.wait_for(lock, 5s, [&] { return writable || over.wait_for(0s) == std::future_status::ready; });
    more = more && over.wait_for(0s) != std::future_status::ready;
  }
  CHECK(over.wait_for(10s) == std::future_status::ready);
}

TEST_CASE("who is slow does not keep a server from stopping") {
  auto limits = quick();
  limits.stopping = 20ms;
  std::promise<void> sending;
  Server server(limits, [&](const std::shared_ptr<Exchange>& exchange) {
    exchange->answer({.status = 200, .body = std::make_shared<const std::string>(64 << 20, 'x')});
    sending.set_value();
  });
  std::vector<std::unique_ptr<TlsClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<TlsClient>(server.port()));
    slow.back()->send(i % 2 ? "GET / HTT" : post + "Content-Length: 10\r\n\r\nabc");
  }
  std::vector<std::unique_ptr<TcpClient>> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(std::make_unique<TcpClient>(server.port()));
  TlsClient deaf(server.port());
  deaf.send(get);
  sending.get_future().get();
  // Ten minutes would be the deadline; the slow ones are let go of long before.
  auto stopped = std::async(std::launch::async, [&] { server.http.stop(600s); });
  CHECK(stopped.wait_for(10s) == std::future_status::ready);
}

// ---- number and size ----------------------------------------------------------------------------

TEST_CASE("one address cannot take all connections") {
  PeerBudget places(10, 4);
  std::vector<PeerBudget::Share> greedy;
  for (int i = 0; i < 4; ++i) greedy.push_back(places.take("192.0.2.1", 1));
  CHECK(greedy.back().taken());
  CHECK_FALSE(places.take("192.0.2.1", 1).taken());
  std::vector<PeerBudget::Share> others;
  for (const char* peer : {"192.0.2.2", "192.0.2.3"})
    for (int i = 0; i < 3; ++i) others.push_back(places.take(peer, 1));
  CHECK(others.back().taken());
  CHECK_FALSE(places.take("192.0.2.4", 1).taken());
  greedy.pop_back();
  CHECK(places.take("192.0.2.4", 1).taken());
  CHECK(places.take("192.0.2.1", 1).taken());
}

TEST_CASE("connections over an address's limit are closed, and the others stay") {
  HttpLimits limits;
  limits.connections_per_peer = 3;
  Server server(limits);
  TlsClient first(server.port());
  {
    TlsClient second(server.port()), third(server.port());
    for (int i = 0; i < 100; ++i) {
      TcpClient fourth(server.port());
      CHECK(fourth.at_end());
    }
    CHECK(second.ask("GET", "/").status == 200);
    CHECK(third.ask("GET", "/", {{"Connection", "close"}}).status == 200);
    CHECK(third.at_end());
  }
  CHECK(first.ask("GET", "/").status == 200);
}

TEST_CASE("bodies in all are bounded: beyond is a 429, small ones go on") {
  HttpLimits limits;
  limits.body_bytes_per_peer = 100'000;
  Server server(limits);
  TlsClient greedy(server.port());
  greedy.send(post + "Content-Length: 60000\r\n\r\nabc");
  // The second one is refused only once the first one's head has been read.
  for (int status = 0; status != 429;) {
    TlsClient other(server.port());
    const auto answer = other.ask("POST", "/", {}, std::string(60'000, 'x'));
    status = answer.status;
    REQUIRE((status == 200 || status == 429));
    if (status == 200) continue;
    CHECK(answer.headers.get("Retry-After") == "1");
    CHECK(answer.body == "Too many requests, please try again later.\n");
  }
  TlsClient chunks(server.port());
  chunks.send(post + "Transfer-Encoding: chunked\r\n\r\n");
  CHECK(chunks.read().status == 429);
  CHECK(TlsClient(server.port()).ask("POST", "/", {}, std::string(2'000, 'x')).status == 200);
  greedy.send(std::string(59'997, 'x'));
  CHECK(greedy.read().status == 200);
  CHECK(TlsClient(server.port()).ask("POST", "/", {}, std::string(60'000, 'x')).status == 200);
}

TEST_CASE("answers that wait for their clients are bounded in all") {
  HttpLimits limits;
  limits.unread_bytes_per_peer = 65 << 20;
  std::promise<void> sending;
  Server server(limits, [&](const std::shared_ptr<Exchange>& exchange) {
    const bool small = exchange->request().path == "/small";
    exchange->answer(said(std::string(small ? 10 : 64 << 20, 'x')));
    if (exchange->request().path == "/first") sending.set_value();
  });
  TlsClient deaf(server.port());
  deaf.send("GET /first HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(deaf.read_head().status == 200);  // and no further
  sending.get_future().get();
  TlsClient other(server.port());
  const auto refused = other.ask("GET", "/second");
  CHECK(refused.status == 429);
  CHECK(refused.headers.get("Retry-After") == "1");
  CHECK(other.ask("GET", "/small").status == 200);
}

// ---- shapes of requests -------------------------------------------------------------------------

TEST_CASE("what two servers could read differently is a 400, and the connection ends") {
  const std::string length = "Content-Length: 5\r\n", chunked = "Transfer-Encoding: chunked\r\n";
  const std::string body = "\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n";
  const auto bad = GENERATE_COPY(values<std::string>({
      post + length + "Content-Length: 6\r\n" + body,
      post + length + length + body,
      post + "Content-Length: 5, 5\r\n" + body,
      post + "Content-Length: +5\r\n" + body,
      post + "Content-Length: 5 5\r\n" + body,
      post + "Content-Length: 99999999999999999999\r\n" + body,
      post + length + chunked + body,
      post + chunked + length + body,
      post + chunked + chunked + body,
      post + "Transfer-Encoding : chunked\r\n" + body,
      "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" + body,
      post + std::string("X: a\0b\r\n", 8) + body,
      post + std::string("X\0: a\r\n", 7) + body,
      post + "X: a\rb\r\n" + body,
      post + "no colon\r\n" + body,
      post + ": no name\r\n" + body,
      "POST / HTTP/1.1\r\n folded: first\r\nHost: t\r\n" + body,
      "POST / HTTP/1.1\nHost: t\n\n",
      "POST / HTTP/1.1\r\n" + body,
      post + "Host: u\r\n" + body,
      "POST /a b HTTP/1.1\r\nHost: t\r\n" + body,
      "POST / HTTP/1.2\r\nHost: t\r\n" + body,
      "POST /\r\n" + body,
      "GET * HTTP/1.1\r\nHost: t\r\n" + body,
      "GET a/b HTTP/1.1\r\nHost: t\r\n" + body,
      "GET https:///x HTTP/1.1\r\nHost: t\r\n" + body,
      "CONNECT t:443 HTTP/1.1\r\nHost: t\r\n" + body,
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      post + chunked + "\r\n-5\r\nhello\r\n0\r\n\r\n",
      post + chunked + "\r\n0x5\r\nhello\r\n0\r\n\r\n",
      post + chunked + "\r\nffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
  }));
  INFO(bad);
  Server server;
  TlsClient client(server.port());
  client.send(bad);
  const auto answers = client.read_all();
  CHECK(answers.starts_with("HTTP/1.1 400 "));
  CHECK(answers.find("smuggled") == std::string::npos);
  CHECK(answers.find("HTTP/1.1", 1) == std::string::npos);
}

TEST_CASE("a folded header is one line with a blank") {
  Server server({}, [](const std::shared_ptr<Exchange>& exchange) {
    exchange->answer(said(std::string(exchange->request().headers.get("X"))));
  });
  CHECK(TlsClient(server.port()).ask("GET", "/", {{"X", "a\r\n b"}}).body == "a b");
}

TEST_CASE("an absolute target is that of its path") {
  Server server;
  TlsClient client(server.port());
  CHECK(client.ask("GET", "https://other:1/a?b=c").body == "GET /a|b=c|");
  CHECK(client.ask("GET", "HTTP://other").body == "GET /||");
  CHECK(client.ask("GET", "https://other?b=c").body == "GET /|b=c|");
}

TEST_CASE("OPTIONS * is answered by the server itself") {
  Server server;
  TlsClient client(server.port());
  const auto answer = client.ask("OPTIONS", "*");
  CHECK(answer.status == 200);
  CHECK(answer.headers.get("Content-Length") == "0");
  CHECK(client.ask("OPTIONS", "/x").body == "OPTIONS /x||");
}

TEST_CASE("an expectation that is not 100-continue is a 417") {
  Server server;
  TlsClient client(server.port());
  CHECK(client.ask("POST", "/", {{"Expect", "the impossible"}}, "x").status == 417);
  CHECK(client.at_end());
}

TEST_CASE("HTTP/1.0 gets one answer, and a watch without chunks") {
  std::promise<std::shared_ptr<Stream>> opened;
  Server server({}, [&](std::shared_ptr<Exchange> exchange) {
    if (exchange->request().path != "/watch") return echo(std::move(exchange));
    const auto stream = exchange->stream({});
    stream->write(std::make_shared<const std::string>("one\n"));
    stream->close();
  });
  TlsClient client(server.port());
  client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(client.read().body == "GET /a||");
  CHECK(client.at_end());
  TlsClient watcher(server.port());
  watcher.send("GET /watch HTTP/1.0\r\n\r\n");
  CHECK(watcher.read_head().headers.find("Transfer-Encoding") == nullptr);
  CHECK(watcher.read_all() == "one\n");
}

TEST_CASE("many requests in one piece are answered one after the other, in order") {
  Server server;
  TlsClient client(server.port());
  std::string pipelined;
  for (int i = 0; i < 1000; ++i) pipelined += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: t\r\n\r\n";
  client.send(pipelined);
  for (int i = 0; i < 1000; ++i) REQUIRE(client.read().body == "GET /" + std::to_string(i) + "||");
}

}  // namespace
}  // namespace csrflow::api
