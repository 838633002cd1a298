#include "policies/facts.hpp"

#include "tests/catch.hpp"
#include "tests/policies/asking.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

TEST_CASE("facts survive their JSON, so that a decision can be made again from its event") {
  Facts facts = request(
      {{"labels", R"({"tier":"web"})"},
       {"commonName", R"("J\u00fcrgen")"},
       {"organizations", R"(["Shop","Web"])"},
       {"ip", R"(["::ffff:10.0.0.1","2001:DB8::1"])"},
       {"email", R"(["jane@EXAMPLE.com"])"},
       {"uri", R"(["spiffe://example.com/web/a"])"},
       {"otherNames", R"(["1.2.3.4"])"},
       {"extensions", R"(["tlsFeature"])"},
       {"keyUsedBy", R"([{"user":"bob","request":"web-7","ancestor":true},"carol"])"},
       {"rotation",
        R"({"predecessor":"web-1","differs":["usages"],"keyAge":"40d","expired":"1d","decidedBy":"person","deciders":["dave"]})"},
       {"count", R"({"perName":6})"},
       {"words",
        R"([{"user":"carol","groups":["pki-team"],"age":"1h","message":"ok"},{"user":"dave","verdict":"deny"}])"},
       {"ca", "true"}});
  facts.counts.push_back({RateKind::per_signer, *parse_duration("1d"), 7, "x"});
  facts.requester.credential = "sha256:12";
  facts.requester.on_behalf_of = "someone";
  facts.node_approval = true;
  facts.built_in_denial = "no";
  const std::string json = encode_facts(facts);
  const auto again = decode_facts(json);
  if (!again) FAIL(again.error());
  CHECK(encode_facts(*again) == json);
  REQUIRE(again->names.size() == facts.names.size());
  CHECK(again->names[1].ip == facts.names[1].ip);
  CHECK(again->names[1].value == "10.0.0.1");
  CHECK(again->words[0].at == facts.words[0].at);
  CHECK(again->predecessor->not_after == facts.predecessor->not_after);
  CHECK(encode_facts(*decode_facts(encode_facts(request()))) == encode_facts(request()));
}

TEST_CASE("facts that are not facts are refused") {
  CHECK_FALSE(decode_facts("{"));
  CHECK_FALSE(decode_facts(R"({"requester":{"user":1}})"));
  CHECK_FALSE(decode_facts(R"({"unknown":1})"));
  CHECK_FALSE(decode_facts(R"({"origin":"moon"})"));
}

TEST_CASE("malformed names are covered by nothing, and allowed by guards that do not list them") {
  const Facts facts = request({{"dns", R"(["a..shop.example.com"])"}});
  CHECK(facts.names[0].malformed);
  const Answer answer = ask({example("web-servers")}, facts);
  CHECK(answer.decisive == "names.dns.allowed");
  CHECK(answer.sentence.find("DNS name a..shop.example.com is malformed") != std::string::npos);
}

TEST_CASE("a rate that nobody counted fails") {
  Facts facts = request();
  facts.counts.clear();
  CHECK(ask({example("web-servers")}, facts).decisive == "rate.perRequester");
  const auto rates = PolicySet({example("web-servers"), example("nodes")}).rates("example.com/web");
  REQUIRE(rates.size() == 2);
  CHECK(rates[0].period == *parse_duration("1h"));
  CHECK(rates[1].kind == RateKind::per_name);
}

TEST_CASE("the versions that evaluation rests on are known") {
  const Versions all = versions();
  CHECK(all.evaluator == "1");
  CHECK(all.time_zones.starts_with("20"));
  CHECK_FALSE(all.regex.empty());
  CHECK(std::stoi(all.unicode) >= 15);
}
