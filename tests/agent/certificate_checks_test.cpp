#include "agent/certificate_checks.hpp"

#include "tests/agent/authority.hpp"
#include "tests/agent/wishes.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using Catch::Matchers::Contains;
using test::Asked;
using test::Authority;
using test::Issue;
using test::noon;
using test::web_wish;

/// A host that asked, and what came back.
struct Case {
  CertificateWish wish = web_wish();
  Authority authority;
  Asked asked{wish};
  std::optional<engine::Bytes> crl;
  std::optional<engine::Bytes> bundle;
  std::set<engine::Serial> known;
  engine::Timestamp now = noon;

  Checked check_pem(const engine::Bytes& pem) const {
    return check_certificate({pem, bundle.value_or(authority.certificate()), crl},
                             {wish, asked.key.public_key(), known}, now);
  }
  Checked check(const Issue& issue = {}) const { return check_pem(authority.issue(asked.request, issue)); }
};

std::string message_of(const Checked& checked, Check expected) {
  const auto* failure = std::get_if<CheckFailure>(&checked);
  REQUIRE(failure != nullptr);
  INFO(failure->message);
  CHECK(name_of(failure->check) == name_of(expected));
  return failure->message;
}

TEST_CASE("a certificate that is what was asked for passes") {
  const auto checked = Case().check();
  const auto* leaf = std::get_if<LeafFacts>(&checked);
  REQUIRE(leaf != nullptr);
  CHECK(leaf->serial.hex() == "7f01");
  CHECK(leaf->not_before == noon);
  CHECK(leaf->not_after == noon + engine::seconds(86'400));
}

TEST_CASE("a chain with an intermediate leads to the bundle") {
  Case host;
  const Authority below = host.authority.intermediate("example intermediate");
  const auto leaf = below.issue(host.asked.request);
  CHECK(std::holds_alternative<LeafFacts>(host.check_pem(leaf + below.certificate())));
  CHECK_THAT(message_of(host.check_pem(leaf), Check::chain), Contains("does not verify to the bundle"));
}

TEST_CASE("an intermediate that is itself trusted is enough") {
  Case host;
  const Authority below = host.authority.intermediate("example intermediate");
  host.bundle = below.certificate();
  CHECK(std::holds_alternative<LeafFacts>(host.check_pem(below.issue(host.asked.request))));
}

TEST_CASE("what is no certificate is refused") {
  Case host;
  CHECK_THAT(message_of(host.check_pem(""), Check::form), Contains("holds no certificate"));
  CHECK_THAT(message_of(host.check_pem("-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n"),
                        Check::form),
             Contains("cannot be read"));
  CHECK_THAT(message_of(host.check_pem(std::string(max_chain_pem + 1, '\n')), Check::form),
             Contains("too long"));
  const auto leaf = host.authority.issue(host.asked.request);
  std::string many;
  for (std::size_t n = 0; n <= max_chain_length; ++n) many += leaf;
  CHECK_THAT(message_of(host.check_pem(many), Check::form), Contains("more than 10"));
  host.bundle = "nothing";
  CHECK_THAT(message_of(host.check(), Check::form), Contains("bundle of authorities holds no certificate"));
}

TEST_CASE("a certificate over another key is refused") {
  const Case host;
  const PrivateKey other = PrivateKey::make(KeyKind::p256);
  CHECK_THAT(message_of(host.check({.key = &other}), Check::public_key), Contains("another key"));
}

TEST_CASE("a certificate of another authority is refused, even of the same name") {
  Case host;
  host.bundle = Authority().certificate();
  message_of(host.check(), Check::chain);
}

TEST_CASE("a certificate that cannot serve its purpose is refused") {
  Case host;
  // RFC 5280 4.2.1.3: a server's key must sign, or take encrypted keys.
  host.wish.usages = {"server auth"};
  CHECK_THAT(message_of(host.check({.key_usage = "critical,keyCertSign"}), Check::chain),
             Contains("server auth") || Contains("verify"));
}

TEST_CASE("another subject is refused, in both directions") {
  Case host;
  CHECK_THAT(message_of(host.check({.common_name = "db-1"}), Check::subject),
             Contains("missing CN=web-1, O=example") && Contains("not asked for CN=db-1"));
}

TEST_CASE("the order of a subject's attributes does not count") {
  Case host;
  host.wish.subject = {{"O", "example"}, {"CN", "web-1"}};
  CHECK(std::holds_alternative<LeafFacts>(host.check()));
}

TEST_CASE("a missing name and a further name are refused") {
  const Case host;
  const std::string all =
      "DNS:web-1.example.com,DNS:www.example.com,IP:10.0.0.7,URI:spiffe://example.com/web-1";
  CHECK(std::holds_alternative<LeafFacts>(host.check({.names = all})));
  CHECK_THAT(message_of(host.check({.names = "DNS:web-1.example.com"}), Check::names),
             Contains("missing DNS:www.example.com, IP:10.0.0.7, URI:spiffe://example.com/web-1"));
  CHECK_THAT(message_of(host.check({.names = all + ",DNS:admin.example.com"}), Check::names),
             Contains("not asked for DNS:admin.example.com"));
  CHECK_THAT(message_of(host.check({.names = all + ",RID:1.2.3"}), Check::names),
             Contains("not asked for other name"));
  message_of(host.check({.names = ""}), Check::names);
}

TEST_CASE("a usage that is missing, and an extended one that was not asked for, are refused") {
  const Case host;
  CHECK_THAT(message_of(host.check({.key_usage = "critical,keyAgreement"}), Check::usages),
             Contains("missing digital signature"));
  CHECK_THAT(message_of(host.check({.extended_usage = "serverAuth,clientAuth"}), Check::usages),
             Contains("not asked for client auth"));
}

TEST_CASE("a certificate is good until its last second") {
  Case host;
  host.now = noon + engine::seconds(86'400) - engine::Duration{1};
  CHECK(std::holds_alternative<LeafFacts>(host.check()));
  host.now = noon + engine::seconds(86'400);
  CHECK_THAT(message_of(host.check(), Check::validity), Contains("ended at 2026-07-02T12:00:00Z"));
}

TEST_CASE("a certificate from the near future is waited for, one from further on is refused") {
  const Case host;
  const auto begins_in = [&](std::int64_t seconds) {
    return host.check({.not_before = noon + engine::seconds(seconds)});
  };
  CHECK(std::holds_alternative<LeafFacts>(begins_in(60)));
  const auto soon = begins_in(61);
  REQUIRE(std::holds_alternative<NotYetValid>(soon));
  CHECK(std::get<NotYetValid>(soon).until == noon + engine::seconds(1));
  CHECK(std::holds_alternative<NotYetValid>(begins_in(360)));
  CHECK_THAT(message_of(begins_in(361), Check::validity), Contains("set the clock"));
}

TEST_CASE("nothing is waited for that would be refused then") {
  const Case host;
  message_of(host.check({.not_before = noon + engine::seconds(200), .common_name = "db-1"}), Check::subject);
}

TEST_CASE("a serial number that the host knows is refused") {
  Case host;
  host.known = {engine::Serial{"\x7f\x01"}};
  CHECK_THAT(message_of(host.check(), Check::serial), Contains("7f01"));
}

TEST_CASE("a revoked certificate is refused; only its issuer's list counts") {
  Case host;
  host.crl = host.authority.revoke({0x7f01});
  CHECK_THAT(message_of(host.check(), Check::revocation), Contains("7f01 is revoked"));
  host.crl = host.authority.revoke({0x7f02});
  CHECK(std::holds_alternative<LeafFacts>(host.check()));
  host.crl = Authority().revoke({0x7f01});
  CHECK(std::holds_alternative<LeafFacts>(host.check()));
  host.crl = "nothing";
  CHECK(std::holds_alternative<LeafFacts>(host.check()));
}

TEST_CASE("serial numbers keep the zero before a high bit") {
  const Case host;
  const auto checked = host.check({.serial = 0x80});
  CHECK(std::get<LeafFacts>(checked).serial.hex() == "0080");
}

}  // namespace
}  // namespace csrflow::agent
