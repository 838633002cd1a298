#include "policies/dns_name.hpp"
#include "policies/email_name.hpp"
#include "policies/ip_address.hpp"
#include "policies/uri_name.hpp"
#include "tests/catch.hpp"
#include "tests/policies/files.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

bool truth(const Tree& row, std::string_view name) {
  return text_of(row, name) == "true";
}

}  // namespace

TEST_CASE("DNS names have one canonical form (vectors/names.json)") {
  const Tree all = vectors("names.json");
  for (const Tree& row : all.find("dnsCanonical")->items) {
    const std::string& input = text_of(row, "input");
    CAPTURE(input);
    const auto canonical = canonical_dns(input);
    if (const Tree* wanted = row.find("canonical")) {
      REQUIRE(canonical);
      CHECK(*canonical == wanted->text);
      CHECK(canonical_dns(*canonical) == canonical);
    } else {
      CHECK_FALSE(canonical);
    }
  }
}

TEST_CASE("a hyphen may not end a label, except where names are read leniently") {
  CHECK_FALSE(canonical_dns("web-.example.com"));
  CHECK(canonical_dns("web-.example.com", lenient_dns) == "web-.example.com");
  CHECK(canonical_dns("a_b.c", {.underscores = true}) == "a_b.c");
  CHECK_FALSE(canonical_dns("*"));
  CHECK_FALSE(canonical_dns(std::string(64, 'a') + ".b"));
}

TEST_CASE("DNS patterns cover and overlap names (vectors/names.json)") {
  const Tree all = vectors("names.json");
  REQUIRE(all.find("dns")->items.size() == 225);
  for (const Tree& row : all.find("dns")->items) {
    CAPTURE(text_of(row, "pattern"), text_of(row, "name"));
    const auto pattern = DnsPattern::parse(text_of(row, "pattern"));
    const auto name = canonical_dns(text_of(row, "name"), lenient_dns);
    REQUIRE(pattern);
    REQUIRE(name);
    CHECK(pattern->covers(*name) == truth(row, "covers"));
    CHECK(pattern->overlaps(*name) == truth(row, "overlaps"));
    // A name is a pattern for the hosts that its certificate would be good for.
    const auto as_pattern = DnsPattern::parse(*name);
    REQUIRE(as_pattern);
    CHECK(pattern->covers(*as_pattern) == truth(row, "covers"));
    CHECK(pattern->overlaps(*as_pattern) == truth(row, "overlaps"));
    CHECK(as_pattern->overlaps(*pattern) == truth(row, "overlaps"));
  }
}

TEST_CASE("DNS patterns that no legal name can match are errors") {
  for (const auto* text : {"", "*.*.a", "a..b", ".a", "a.*.b", "a*b*.c", "***.c", "**a.c", "xn--*.c",
                           "10.0.0.1", "a b.c", "*.10.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(DnsPattern::parse(text));
  }
  CHECK_FALSE(DnsPattern::parse(std::string(64, 'a') + ".b"));
  CHECK_FALSE(DnsPattern::parse(std::string(63, 'a') + "*.b"));
  const std::string longest = std::string(62, 'a') + '.' + std::string(62, 'b') + '.' + std::string(62, 'c') +
                              '.' + std::string(62, 'd');  // a host before it has one byte and a dot
  for (const auto* stars : {"*.", "**."}) {
    const auto pattern = DnsPattern::parse(stars + longest);
    REQUIRE(pattern);
    CHECK(pattern->covers(canonical_dns("a." + longest).value()));
    CHECK_FALSE(DnsPattern::parse(stars + longest + 'd'));
  }
  CHECK(DnsPattern::parse("Bücher.Example.")->text() == "xn--bcher-kva.example");
  CHECK(DnsPattern::parse("*.BÜCHER.example")->text() == "*.xn--bcher-kva.example");
  CHECK(DnsPattern::parse("faß.de")->text() == "xn--fa-hia.de");  // non-transitional
}

TEST_CASE("ranges cover addresses (vectors/names.json)") {
  const Tree all = vectors("names.json");
  for (const Tree& row : all.find("ip")->items) {
    CAPTURE(text_of(row, "cidr"), text_of(row, "address"));
    const auto range = IpRange::parse(text_of(row, "cidr"));
    const auto address = IpAddress::parse(text_of(row, "address"));
    REQUIRE(range);
    REQUIRE(address);
    CHECK(range->covers(*address) == truth(row, "covers"));
  }
}

TEST_CASE("addresses have one text") {
  for (const auto& [input, text] : {std::pair{"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
                                    {"::ffff:10.1.2.3", "10.1.2.3"},
                                    {"0:0:0:0:0:0:0:0", "::"},
                                    {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
                                    {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
                                    {"::1.2.3.4", "::102:304"}}) {
    CAPTURE(input);
    const auto address = IpAddress::parse(input);
    REQUIRE(address);
    CHECK(address->text() == text);
  }
  for (const auto* text : {"", "1.2.3", "01.2.3.4", "1.2.3.256", ":::", "1::2::3", "1:2:3:4:5:6:7",
                           "::1%eth0", "1:2:3:4:5:6:7:8:9", "12345::", "1.2.3.4:5::", ":1:2:3:4:5:6:7"}) {
    CAPTURE(text);
    CHECK_FALSE(IpAddress::parse(text));
  }
  CHECK(IpRange::parse("10.0.0.1/8").error() == "bits of the host are set");
  CHECK(IpRange::parse("::ffff:10.0.0.0/104")->text() == "10.0.0.0/8");
  CHECK_FALSE(IpRange::parse("::ffff:0.0.0.0/90"));
  CHECK_FALSE(IpRange::parse("10.0.0.0/33"));
  CHECK(IpAddress::from_bytes(std::string("\x0a\x01\x02\x03", 4))->text() == "10.1.2.3");
}

TEST_CASE("e-mail patterns cover addresses (vectors/names.json)") {
  const Tree all = vectors("names.json");
  for (const Tree& row : all.find("email")->items) {
    CAPTURE(text_of(row, "pattern"), text_of(row, "name"));
    const auto pattern = EmailPattern::parse(text_of(row, "pattern"));
    REQUIRE(pattern);
    const auto address = canonical_email(text_of(row, "name"));
    CHECK((address && pattern->covers(*address)) == truth(row, "covers"));
  }
  CHECK(canonical_email("Jane@EXAMPLE.com") == "Jane@example.com");
  for (const auto* text : {"jane", "@example.com", "\"a b\"@example.com", "j\xc3\xa4@example.com", "a..b@c.d",
                           "a@*.c.d", "a@[10.0.0.1]", "a@10.0.0.1"}) {
    CAPTURE(text);
    CHECK_FALSE(canonical_email(text));
  }
  CHECK_FALSE(EmailPattern::parse("j*@example.com"));
}

TEST_CASE("URI patterns cover URIs (vectors/names.json)") {
  const Tree all = vectors("names.json");
  for (const Tree& row : all.find("uri")->items) {
    CAPTURE(text_of(row, "pattern"), text_of(row, "name"));
    const auto pattern = UriPattern::parse(text_of(row, "pattern"));
    const auto uri = canonical_uri(text_of(row, "name"));
    REQUIRE(pattern);
    REQUIRE(uri);
    CHECK(pattern->covers(*uri) == truth(row, "covers"));
    CHECK(canonical_uri(*uri) == uri);
  }
}

TEST_CASE("URIs that are not canonical are refused") {
  for (const auto* text :
       {"example.com/x", "//example.com", "https://user@example.com/", "https://example.com/%41",
        "https://example.com/%2f", "https://example.com/a/../b", "https://example.com/./b",
        "https://example.com//b", "https://example.com/b/", "spiffe://EXAMPLE.com/web",
        "spiffe://example.com/web/", "spiffe://example.com/a%2Fb", "spiffe:///web", "https://*.example.com/",
        "https://example.com:/x", "https://example.com:x/", "https://example.com/\xc3\xa4",
        "https:", "spiffe://example.com/a?b"}) {
    CAPTURE(text);
    CHECK_FALSE(canonical_uri(text));
  }
  CHECK_FALSE(canonical_uri("https://example.com/" + std::string(max_uri_bytes, 'a')));
  CHECK(canonical_uri("HTTPS://Example.COM:8443/X%20y") == "https://example.com:8443/X%20y");
  CHECK(canonical_uri("https://[2001:DB8::1]/x") == "https://[2001:db8::1]/x");
  CHECK(canonical_uri("urn:uuid:1234") == "urn:uuid:1234");
  CHECK(UriPattern::parse("urn:uuid:*")->covers("urn:uuid:1234"));
  CHECK_FALSE(UriPattern::parse("https://example.com/a*b/c"));
  CHECK_FALSE(UriPattern::parse("https://example.com/**/c"));
  CHECK(UriPattern::parse("https://example.com:8443/*")->covers("https://example.com:8443/x"));
  CHECK_FALSE(UriPattern::parse("https://example.com/*")->covers("https://example.com:8443/x"));
}

TEST_CASE("patterns cover and overlap patterns") {
  const auto dns = [](const char* text) { return *DnsPattern::parse(text); };
  CHECK(dns("**.b.c").covers(dns("*.b.c")));
  CHECK(dns("*.b.c").covers(dns("web-*.b.c")));
  CHECK_FALSE(dns("web-*.b.c").covers(dns("*.b.c")));
  CHECK(dns("**").covers(dns("**.c")));
  CHECK(dns("web-*.b.c").overlaps(dns("*-db.b.c")));
  CHECK_FALSE(dns("web-*.b.c").overlaps(dns("db-*.b.c")));
  CHECK(dns("**.b.c").overlaps(dns("**.c")));
  const auto uri = [](const char* text) { return *UriPattern::parse(text); };
  CHECK(uri("spiffe://a.b/x/**").covers(uri("spiffe://a.b/x/*")));
  CHECK_FALSE(uri("spiffe://a.b/x/*").covers(uri("spiffe://a.b/x/**")));
  CHECK(uri("spiffe://a.b/x/*").overlaps(uri("spiffe://a.b/x/**")));
  CHECK(uri("spiffe://a.b/x/ab*").overlaps(uri("spiffe://a.b/x/a*")));
  CHECK_FALSE(uri("spiffe://a.b/x/ab*").overlaps(uri("spiffe://a.b/x/c*")));
}
