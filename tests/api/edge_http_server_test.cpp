#include <future>

#include "api/http_server.hpp"
#include "tests/api/edge_client.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;
using test::TlsClient;

SharedBytes bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

Response said(std::string text) {
  return {.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = bytes(std::move(text))};
}

/// A server that says what it saw.
struct Fixture {
  explicit Fixture(HttpServer::Handler handler, HttpLimits limits = {})
      : server(
            {.certificate = own.certificate, .key = own.key, .client_cas = authority.pem(), .limits = limits},
            std::move(handler)) {}

  test::Authority authority;
  test::Credential own = authority.issue(test::server());
  HttpServer server;
};

void echo(std::shared_ptr<Exchange> exchange) {
  const auto& request = exchange->request();
  exchange->answer(said(request.method + ' ' + request.path + '|' + request.query + '|' + request.body));
}

TEST_CASE("one connection carries many requests, and each gets its own answer") {
  Fixture fixture(echo);
  TlsClient client(fixture.server.port());
  CHECK(client.ask("GET", "/a?b=c&d").body == "GET /a|b=c&d|");
  CHECK(client.ask("POST", "/x", {}, "hello").body == "POST /x||hello");
  const auto last = client.ask("GET", "/z", {{"Connection", "close"}});
  CHECK(last.body == "GET /z||");
  CHECK(last.headers.get("Connection") == "close");
  CHECK(client.at_end());
}

TEST_CASE("requests sent together are answered in order") {
  Fixture fixture(echo);
  TlsClient client(fixture.server.port());
  client.send("GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGET /2 HTTP/1.1\r\nHost: t\r\n\r\n");
  CHECK(client.read().body == "GET /1||");
  CHECK(client.read().body == "GET /2||");
}

TEST_CASE("a body may come in pieces and in chunks") {
  Fixture fixture(echo);
  TlsClient client(fixture.server.port());
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 6\r\n\r\nab");
  client.send("cd");
  client.send("ef");
  CHECK(client.read().body == "POST /p||abcdef");
  client.send(
      "POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(client.read().body == "POST /p||abcde");
}

TEST_CASE("a client that asks before it sends the body is told to go on") {
  Fixture fixture(echo);
  TlsClient client(fixture.server.port());
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.read_head().status == 100);
  client.send("ok");
  CHECK(client.read().body == "POST /p||ok");
}

TEST_CASE("a body over the limit reaches the handler as too large, and the answer reaches the client") {
  HttpLimits limits;
  limits.body_bytes = 1000;
  Fixture fixture(
      [](std::shared_ptr<Exchange> exchange) {
        const auto& request = exchange->request();
        exchange->answer(
            {.status = request.body_too_large && request.body.empty() ? 413 : 200, .body = nullptr});
      },
      limits);
  SECTION("with a length") {
    TlsClient client(fixture.server.port());
    const auto answer = client.ask("POST", "/", {}, std::string(1001, 'x'));
    CHECK(answer.status == 413);
    CHECK(answer.headers.get("Connection") == "close");
  }
  SECTION("in chunks") {
    TlsClient client(fixture.server.port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                std::string(1001, 'x') + "\r\n0\r\n\r\n");
    CHECK(client.read().status == 413);
  }
  SECTION("exactly at it") {
    TlsClient client(fixture.server.port());
    CHECK(client.ask("POST", "/", {}, std::string(1000, 'x')).status == 200);
  }
}

TEST_CASE("headers over the limit are a 431, what is not HTTP is a 400") {
  Fixture fixture(echo);
  TlsClient large(fixture.server.port());
  CHECK(large.ask("GET", "/", {{"X-Large", std::string(33 * 1024, 'x')}}).status == 431);
  CHECK(large.at_end());
  TlsClient wrong(fixture.server.port());
  wrong.send("this is not HTTP\r\n\r\n");
  CHECK(wrong.read().status == 400);
}

TEST_CASE("what stands between the chunks of a body is bounded too") {
  Fixture fixture(echo);
  TlsClient client(fixture.server.port());
  client.send("POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
  SECTION("an extension") {
    client.send("5;" + std::string(128 * 1024, 'x'));
  }
  SECTION("trailers") {
    client.send("0\r\nX: " + std::string(128 * 1024, 'x'));
  }
  SECTION("no size at all") {
    client.send("zz\r\nhello\r\n");
  }
  CHECK(client.read().status == 400);
  CHECK(client.at_end());
}

TEST_CASE("a body in another encoding than chunks is not guessed at") {
  Fixture fixture(echo);
  for (const std::string encoding : {"gzip", "gzip, chunked"}) {
    TlsClient client(fixture.server.port());
    client.send("POST /p HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: " + encoding + "\r\n\r\n0\r\n\r\n");
    CHECK(client.read().status == 501);
    CHECK(client.at_end());
  }
}

TEST_CASE("a header's value cannot add lines to the answer") {
  Fixture fixture([](std::shared_ptr<Exchange> exchange) {
    exchange->answer({.status = 200, .headers = {{"X-Echo", "a\r\nX-Evil: b"}}, .body = nullptr});
  });
  TlsClient client(fixture.server.port());
  const auto answer = client.ask("GET", "/");
  CHECK(answer.headers.find("X-Evil") == nullptr);
  CHECK(answer.headers.get("X-Echo") == "a  X-Evil: b");
}

TEST_CASE("an answer may come later and from another thread") {
  std::promise<std::shared_ptr<Exchange>> received;
  Fixture fixture([&](std::shared_ptr<Exchange> exchange) { received.set_value(std::move(exchange)); });
  TlsClient client(fixture.server.port());
  client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  received.get_future().get()->answer(said("late"));
  CHECK(client.read().body == "late");
}

TEST_CASE("an exchange that nobody answers is a 500") {
  Fixture fixture([](const std::shared_ptr<Exchange>&) {});
  TlsClient client(fixture.server.port());
  CHECK(client.ask("GET", "/").status == 500);
}

TEST_CASE("the handler sees the client's certificate, whoever signed it") {
  Fixture fixture([](std::shared_ptr<Exchange> exchange) {
    const auto& peer = *exchange->request().peer;
    exchange->answer(said(peer.address + '|' + (peer.certificates ? peer.certificates->digest : "none")));
  });
  TlsClient anonymous(fixture.server.port());
  CHECK(anonymous.ask("GET", "/").body == "127.0.0.1|none");
  const auto stranger = test::Authority("another CA").issue(test::client({.common_name = "mallory"}));
  TlsClient with_certificate(fixture.server.port(), &stranger);
  CHECK(with_certificate.ask("GET", "/").body == "127.0.0.1|" + sha256_hex(stranger.der));
}

TEST_CASE("a stream sends each event at once and ends cleanly") {
  std::promise<std::shared_ptr<Stream>> opened;
  Fixture fixture([&](const std::shared_ptr<Exchange>& exchange) {
    opened.set_value(exchange->stream({.status = 200, .headers = {{"Content-Type", "application/json"}}}));
  });
  TlsClient client(fixture.server.port());
  client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto stream = opened.get_future().get();
  CHECK(client.read_head().headers.get("Transfer-Encoding") == "chunked");
  CHECK(stream->write(bytes("one\n")));
  CHECK(client.next_line() == "one");
  CHECK(stream->write(bytes("two\n")));
  CHECK(stream->write(bytes("three\n")));
  stream->close();
  CHECK(client.next_line() == "two");
  CHECK(client.next_line() == "three");
  CHECK(client.next_line() == std::nullopt);
}

/// `/stream` is a stream, everything else an echo.
struct Streams {
  std::promise<std::shared_ptr<Stream>> opened;
  Fixture fixture{[this](const std::shared_ptr<Exchange>& exchange) {
    if (exchange->request().path == "/stream") {
      opened.set_value(exchange->stream({}));
    } else {
      echo(exchange);
    }
  }};
  TlsClient client{fixture.server.port()};
};

TEST_CASE("the connection stays after a stream that ended well") {
  Streams streams;
  streams.client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto stream = streams.opened.get_future().get();
  CHECK_FALSE(streams.client.read_head().headers.find("Connection"));
  stream->write(bytes("one\n"));
  CHECK(streams.client.next_line() == "one");
  stream->close();
  CHECK(streams.client.next_line() == std::nullopt);
  CHECK(streams.client.ask("GET", "/next").body == "GET /next||");
}

TEST_CASE("what a client asks while a stream runs is answered after it") {
  Streams streams;
  streams.client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto stream = streams.opened.get_future().get();
  streams.client.read_head();
  streams.client.send("GET /a HTTP/1.1\r\nHost: t\r\n\r\nGET /b HTTP/1.1\r\nHost: t\r\n\r\n");
  stream->write(bytes("one\n"));
  CHECK(streams.client.next_line() == "one");
  stream->close();
  CHECK(streams.client.next_line() == std::nullopt);
  CHECK(streams.client.read().body == "GET /a||");
  CHECK(streams.client.read().body == "GET /b||");
}

TEST_CASE("the connection closes after a stream when its client wants that") {
  Streams streams;
  streams.client.send("GET /stream HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  const auto stream = streams.opened.get_future().get();
  CHECK(streams.client.read_head().headers.get("Connection") == "close");
  stream->close();
  CHECK(streams.client.next_line() == std::nullopt);
  CHECK(streams.client.at_end());
}

TEST_CASE("what is broken off does not look whole") {
  Streams streams;
  streams.client.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto stream = streams.opened.get_future().get();
  streams.client.read_head();
  stream->write(bytes("one\n"));
  CHECK(streams.client.next_line() == "one");
  stream->break_off();
  CHECK_THROWS(streams.client.next_line());
}

TEST_CASE("a stream that is not read refuses more than its bound, and asks for more once there is room") {
  HttpLimits limits;
  limits.stream_queue_bytes = 64 * 1024;
  std::promise<std::shared_ptr<Stream>> opened;
  Fixture fixture([&](const std::shared_ptr<Exchange>& exchange) { opened.set_value(exchange->stream({})); },
                  limits);
  TlsClient client(fixture.server.port());
  client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto stream = opened.get_future().get();
  std::promise<void> writable;
  stream->on_writable([&] { writable.set_value(); });
  const auto event = bytes(std::string(16 * 1024 - 1, 'x') + '\n');
  std::size_t accepted = 0;
  while (stream->write(event)) {
    ++accepted;
    REQUIRE(accepted < 10'000);  // the kernel's buffers and the queue hold far less
  }
  client.read_head();
  for (std::size_t i = 0; i < accepted; ++i) REQUIRE(client.next_line()->size() == event->size() - 1);
  writable.get_future().get();
  CHECK(stream->write(bytes("more\n")));
  CHECK(client.next_line() == "more");
}

TEST_CASE("a stream hears that its client has gone") {
  std::promise<std::shared_ptr<Stream>> opened;
  Fixture fixture([&](const std::shared_ptr<Exchange>& exchange) { opened.set_value(exchange->stream({})); });
  auto client = std::make_unique<TlsClient>(fixture.server.port());
  client->send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto stream = opened.get_future().get();
  std::promise<void> closed;
  stream->on_closed([&] { closed.set_value(); });
  client.reset();
  closed.get_future().get();
}

TEST_CASE("stopping answers what is in flight, ends streams cleanly and closes what is idle") {
  HttpLimits limits;
  limits.tick = limits.farewell = 20ms;
  std::promise<std::shared_ptr<Exchange>> in_flight;
  std::promise<void> streaming;
  Fixture fixture(
      [&](std::shared_ptr<Exchange> exchange) {
        if (exchange->request().path == "/stream") {
          exchange->stream({});
          streaming.set_value();
        } else if (exchange->request().path == "/slow") {
          in_flight.set_value(std::move(exchange));
        } else {
          echo(std::move(exchange));
        }
      },
      limits);
  // The connections go to the two loops in turn: on each there is an idle one, whose end shows that its loop
  // has begun to stop.
  TlsClient idle(fixture.server.port()), slow(fixture.server.port()), stream(fixture.server.port()),
      idle_beside_slow(fixture.server.port());
  idle.ask("GET", "/");
  idle_beside_slow.ask("GET", "/");
  slow.send("GET /slow HTTP/1.1\r\nHost: t\r\n\r\n");
  stream.send("GET /stream HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto exchange = in_flight.get_future().get();
  streaming.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { fixture.server.stop(10s); });
  CHECK(idle.at_end());
  CHECK(idle_beside_slow.at_end());
  stream.read_head();
  CHECK(stream.next_line() == std::nullopt);
  exchange->answer(said("done"));
  const auto answer = slow.read();
  CHECK(answer.body == "done");
  CHECK(answer.headers.get("Connection") == "close");
  CHECK(slow.at_end());
  CHECK(stream.at_end());
  stopped.get();
}

TEST_CASE("stopping does not wait for ever") {
  std::promise<std::shared_ptr<Exchange>> in_flight;
  Fixture fixture([&](std::shared_ptr<Exchange> exchange) { in_flight.set_value(std::move(exchange)); });
  TlsClient client(fixture.server.port());
  client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n");
  const auto exchange = in_flight.get_future().get();
  fixture.server.stop(0s);
  CHECK(client.at_end());
  exchange->answer(said("too late"));
}

TEST_CASE("time is bounded for the handshake, a request, and between requests") {
  HttpLimits limits;
  limits.tick = 5ms;
  SECTION("a request that stays away") {
    limits.idle = 20ms;
    Fixture fixture(echo, limits);
    TlsClient client(fixture.server.port());
    CHECK(client.at_end());
  }
  SECTION("a request that stays incomplete") {
    limits.request = 20ms;
    Fixture fixture(echo, limits);
    TlsClient client(fixture.server.port());
    client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
    CHECK(client.at_end());
  }
}

TEST_CASE("connections over the limit are closed") {
  HttpLimits limits;
  limits.connections = 1;
  Fixture fixture(echo, limits);
  TlsClient first(fixture.server.port());
  CHECK_THROWS(TlsClient(fixture.server.port()));
  CHECK(first.ask("GET", "/").status == 200);
}

TEST_CASE("a new certificate is for new connections; the old ones go on") {
  Fixture fixture(echo);
  TlsClient before(fixture.server.port());
  const auto fresh = fixture.authority.issue(test::server());
  fixture.server.set_certificate(fresh.certificate, fresh.key);
  CHECK(before.ask("GET", "/").status == 200);
  CHECK(before.server_certificate() == fixture.own.der);
  TlsClient after(fixture.server.port());
  CHECK(after.server_certificate() == fresh.der);
  CHECK_THROWS_WITH(fixture.server.set_certificate(fresh.certificate, fixture.own.key),
                    Catch::Contains("the server's key"));
}

}  // namespace
}  // namespace csrflow::api
