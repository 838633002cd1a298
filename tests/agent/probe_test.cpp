#include "agent/probe.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include "agent/certificate.hpp"
#include "tests/agent/fake_host.hpp"
#include "tests/agent/tls_service.hpp"
#include "tests/agent/wishes.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using Catch::Matchers::Contains;
using test::Asked;
using test::Authority;
using test::FakeHostClock;
using test::FakeProber;
using test::hear_line;
using test::noon;
using test::say;
using test::TlsService;
using test::web_wish;

constexpr engine::Duration limit = engine::seconds(20);

/// A service with a certificate, and a probe for it.
struct Served {
  explicit Served(TlsService::Options options = {}, StartTls start_tls = StartTls::none)
      : service(std::move(options)),
        probe{.host = "127.0.0.1",
              .port = service.port(),
              .server_name = "web-1.example.com",
              .start_tls = start_tls} {
    service.serve(asked.key, pem);
  }
  std::expected<engine::Bytes, std::string> leaf() const { return TlsProber().served_leaf(probe, limit); }

  Authority authority;
  Asked asked{web_wish()};
  engine::Bytes pem = authority.issue(asked.request);
  engine::Bytes der = read_leaf(pem)->der;
  TlsService service;
  Probe probe;
};

TEST_CASE("a probe finds the leaf that is served, asking for the name") {
  const Served served;
  CHECK(served.leaf() == served.der);
  CHECK(served.service.asked_for() == "web-1.example.com");
}

TEST_CASE("a probe without a name asks for none") {
  Served served;
  served.probe.server_name.clear();
  CHECK(served.leaf() == served.der);
  CHECK(served.service.asked_for().empty());
}

TEST_CASE("a probe finds what is served after a reload") {
  Served served;
  const Asked other(web_wish());
  const auto pem = served.authority.issue(other.request, {.serial = 0x7f02});
  served.service.serve(other.key, pem);
  CHECK(served.leaf() == read_leaf(pem)->der);
}

TEST_CASE("a service that insists on a client certificate has shown its own") {
  for (const int version : {0, TLS1_2_VERSION}) {
    INFO(version);
    const Served served({.before_tls = {}, .asks_for_client_certificate = true, .max_version = version});
    CHECK(served.leaf() == served.der);
  }
}

TEST_CASE("nobody listens") {
  std::uint16_t port = 0;
  { port = TlsService().port(); }
  const auto found = TlsProber().served_leaf({.host = "127.0.0.1", .port = port}, limit);
  CHECK_THAT(found.error(), Contains("it cannot be reached: Connection refused"));
}

TEST_CASE("a name that is none is not resolved") {
  const auto found = TlsProber().served_leaf({.host = "host.invalid", .port = 443}, limit);
  CHECK_THAT(found.error(), Contains("its name is not resolved"));
}

TEST_CASE("a service that does not speak TLS, hangs up or says nothing is told apart") {
  SECTION("no TLS") {
    const Served served({.before_tls = [](int socket) {
      say(socket, "HTTP/1.0 400 Bad Request\r\n\r\n");
      return false;
    }});
    CHECK_THAT(served.leaf().error(), Contains("the TLS handshake failed"));
  }
  SECTION("hangs up") {
    const Served served({.before_tls = [](int) { return false; }});
    CHECK_THAT(served.leaf().error(), Contains("the TLS handshake failed"));
  }
  SECTION("says nothing") {
    Served served({.before_tls = [](int socket) {
      while (!hear_line(socket).empty()) continue;
      return false;
    }});
    CHECK(TlsProber().served_leaf(served.probe, {200'000}).error() == "it did not answer in time");
  }
}

TEST_CASE("a mail server is asked for TLS first") {
  // RFC 3207 4.
  std::string heard;
  const Served served({.before_tls =
                           [&](int socket) {
                             say(socket, "220-mail.example.com\r\n220 ESMTP\r\n");
                             heard = hear_line(socket);
                             say(socket, "250-mail.example.com\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
                             heard += hear_line(socket);
                             say(socket, "220 Go ahead\r\n");
                             return true;
                           }},
                      StartTls::smtp);
  CHECK(served.leaf() == served.der);
  CHECK(heard == "EHLO localhost\r\nSTARTTLS\r\n");
}

TEST_CASE("a mailbox server is asked for TLS first") {
  // RFC 9051 6.2.1.
  std::string heard;
  const Served served({.before_tls =
                           [&](int socket) {
                             say(socket, "* OK [CAPABILITY IMAP4rev2 STARTTLS] ready\r\n");
                             heard = hear_line(socket);
                             say(socket, "* CAPABILITY IMAP4rev2\r\na OK Begin TLS negotiation now\r\n");
                             return true;
                           }},
                      StartTls::imap);
  CHECK(served.leaf() == served.der);
  CHECK(heard == "a STARTTLS\r\n");
}

TEST_CASE("a database server is asked for TLS first") {
  std::string heard(8, '\0');
  const Served served({.before_tls =
                           [&](int socket) {
                             if (::recv(socket, heard.data(), heard.size(), MSG_WAITALL) != 8) return false;
                             say(socket, "S");
                             return true;
                           }},
                      StartTls::postgres);
  CHECK(served.leaf() == served.der);
  CHECK(engine::to_hex(heard) == "0000000804d2162f");
}

TEST_CASE("a service that refuses TLS is quoted") {
  const auto answer = [](std::string text) {
    return TlsService::Options{.before_tls = [text](int socket) {
      say(socket, text);
      hear_line(socket);
      return false;
    }};
  };
  CHECK_THAT(Served(answer("554 no service\r\n"), StartTls::smtp).leaf().error(),
             Contains("\"554 no service\""));
  CHECK_THAT(Served(answer("* BYE\r\n"), StartTls::imap).leaf().error(), Contains("\"* BYE\""));
  CHECK_THAT(Served(answer("N"), StartTls::postgres).leaf().error(), Contains("takes no TLS"));
  CHECK_THAT(Served(answer(std::string(2000, 'x')), StartTls::smtp).leaf().error(), Contains("too long"));
  CHECK_THAT(Served({.before_tls = [](int) { return false; }}, StartTls::smtp).leaf().error(),
             Contains("closed the connection before TLS began"));
}

/// A service as a list of what each handshake finds.
struct Series {
  std::vector<std::expected<engine::Bytes, std::string>> finds;
  FakeHostClock clock;
  FakeProber prober;

  explicit Series(std::vector<std::expected<engine::Bytes, std::string>> list) : finds(std::move(list)) {
    prober.served = [this](const Probe&) {
      const auto at = static_cast<std::size_t>(prober.attempts - 1);
      return finds[std::min(at, finds.size() - 1)];
    };
  }
  ProbeResult await(const std::string& leaf, std::stop_token stop = {}) {
    return await_leaf(prober, clock, {.host = "::1", .port = 8443}, leaf, {}, stop);
  }
};
const std::unexpected<std::string> nothing("nothing listens");

TEST_CASE("a service must show the new certificate twice in a row") {
  Series series({nothing, "old", "new", "old", "new", "new"});
  CHECK(std::holds_alternative<ProbePassed>(series.await("new")));
  CHECK(series.prober.attempts == 6);
  CHECK(series.clock.now() == noon + engine::seconds(5));
}

TEST_CASE("a service is given a minute, and what it showed last is said") {
  Series silent({nothing});
  CHECK(std::get<ProbeFailed>(silent.await("new")).message ==
        "[::1]:8443 does not serve the new certificate: nothing listens");
  CHECK(silent.clock.now() == noon + engine::seconds(60));

  Series late(std::vector<std::expected<engine::Bytes, std::string>>(60, nothing));
  late.finds.emplace_back("new");
  CHECK_THAT(std::get<ProbeFailed>(late.await("new")).message, Contains("now and then only"));
}

TEST_CASE("a clock that is set back does not make a probe longer") {
  Series silent({nothing});
  silent.clock.on_sleep = [&] { silent.clock.set(noon - engine::seconds(86'400)); };
  CHECK(std::holds_alternative<ProbeFailed>(silent.await("new")));
  CHECK(silent.prober.attempts == 61);
}

TEST_CASE("a probe ends when the agent does") {
  Series silent({nothing});
  std::stop_source stopping;
  stopping.request_stop();
  CHECK(std::holds_alternative<ProbeStopped>(silent.await("new", stopping.get_token())));
}

TEST_CASE("addresses to probe are read") {
  const auto read = [](std::string_view text) {
    const auto probe = parse_probe_address(text);
    return probe ? probe->host + " " + std::to_string(probe->port) : probe.error();
  };
  CHECK(read("127.0.0.1:443") == "127.0.0.1 443");
  CHECK(read("web-1.example.com:8443") == "web-1.example.com 8443");
  CHECK(read("[::1]:25") == "::1 25");
  for (const char* text : {"", "web-1", "web-1:", ":443", "web-1:0", "web-1:65536", "web-1:x", "web-1:44x",
                           "::1:443", "[web-1]:443"})
    CHECK_THAT(read(text), Contains("is no address to probe; write HOST:PORT"));
}

TEST_CASE("kinds of STARTTLS are read") {
  CHECK(parse_start_tls("imap") == StartTls::imap);
  CHECK(name_of(StartTls::postgres) == "postgres");
  CHECK_THAT(parse_start_tls("ldap").error(), Contains("\"ldap\"") && Contains("none, smtp, imap, postgres"));
}

}  // namespace
}  // namespace csrflow::agent
