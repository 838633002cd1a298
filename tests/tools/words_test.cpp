#include "engine/object.hpp"
#include "tests/catch.hpp"
#include "tools/event_words.hpp"
#include "tools/kubeconfig.hpp"
#include "tools/listen_address.hpp"
#include "tools/table_text.hpp"

using namespace csrflow;
using namespace csrflow::tools;

TEST_CASE("addresses to listen on") {
  struct Good {
    const char *text, *address;
    std::uint16_t port;
    const char* url;
  };
  const Good good[] = {{"127.0.0.1:6443", "127.0.0.1", 6443, "https://127.0.0.1:6443"},
                       {"localhost:0", "127.0.0.1", 0, "https://127.0.0.1:0"},
                       {"[::1]:6443", "::1", 6443, "https://[::1]:6443"},
                       {":6443", "0.0.0.0", 6443, "https://127.0.0.1:6443"}};
  for (const Good& one : good) {
    auto parsed = parse_listen_address(one.text);
    REQUIRE(parsed.has_value());
    CHECK(parsed->address == one.address);
    CHECK(parsed->port == one.port);
    CHECK(parsed->url(parsed->port) == one.url);
  }
  for (const char* bad :
       {"", "6443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1"}) {
    INFO(bad);
    auto parsed = parse_listen_address(bad);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().find("ADDRESS:PORT") != std::string::npos);
  }
}

TEST_CASE("columns line up, whatever the alphabet") {
  TableText table({"NAME", "WHO"});
  table.add({"jane", "carol"});
  table.add({"größe", "x"});
  CHECK(table.text() == "NAME    WHO\njane    carol\ngröße   x\n");
}

TEST_CASE("an event is one line, even when a requester wrote several") {
  engine::Denied denied{.uid = {"u"}, .reason = "No", .message = "first\nsecond\x1b[31m", .object = {}};
  CHECK(words(engine::Event(engine::CsrEvent(denied))) == "No: first second [31m");
}

TEST_CASE("a renewal says for whom it was made") {
  engine::Created created{
      .object = {}, .lifetime = engine::seconds(3600), .predecessor = {}, .on_behalf_of = "jane"};
  engine::CsrSpec spec;
  spec.username = "jane";
  spec.signer_name = {"example.com/web"};
  spec.usages = {"server auth", "digital signature"};
  created.object.spec = std::make_shared<const engine::CsrSpec>(spec);
  engine::Event event{engine::CsrEvent(created)};
  CHECK(who({.actor = engine::system_actor("rotation")}, event) == "csrflow:rotation for jane");
  CHECK(words(event) ==
        "for jane, signer example.com/web, usages server auth, digital signature, lifetime 1h");
}

TEST_CASE("the kubeconfig embeds what it needs") {
  std::string text = kubeconfig("https://127.0.0.1:6443", "CA", "CERT", "KEY");
  for (const char* part :
       {"server: https://127.0.0.1:6443", "certificate-authority-data: Q0E=",
        "client-certificate-data: Q0VSVA==", "client-key-data: S0VZ", "current-context: csrflow"})
    CHECK(text.find(part) != std::string::npos);
}
