// Who gets what from the example policies, row by row; the numbers are those of the documented cases.
#include "tests/catch.hpp"
#include "tests/policies/asking.hpp"

using namespace csrflow::policies;
using namespace csrflow::policies::test;

namespace {

const std::string person = "; a person with approve on example.com/web decides";

struct Row {
  int number;
  Changes request;
  std::string verdict, decisive, text;
};

/// Rows of one set of policies whose text is the near miss's.
void check(const std::vector<PolicyPtr>& policies, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.number);
    const Answer answer = ask(policies, request(row.request));
    CHECK(answer.verdict == row.verdict);
    CHECK(answer.decisive == row.decisive);
    if (!row.text.empty())
      CHECK(answer.sentence ==
            "no policy decides: " + policies.front()->name + " misses by " + row.text + person);
  }
}

}  // namespace

TEST_CASE("without a policy, or one that matches, a person decides") {
  CHECK(ask({}, request()).sentence == "no policy matches" + person);                         // 1
  const Answer sales = ask({example("web-servers")}, request({{"groups", R"(["sales"])"}}));  // 3
  CHECK(sales.verdict == "person");
  CHECK(sales.sentence == "no policy matches" + person);
}

TEST_CASE("an approval cites its policy") {
  const PolicyPtr web = example("web-servers");
  const Answer answer = ask({web}, request());  // 2
  CHECK(answer.verdict == "approve");
  CHECK(answer.sentence == with_hash("approved by policy web-servers (H)", web));
  CHECK(reason_word(answer.decision.reason) == "PolicyApproved");
  CHECK(deciding_actor(answer.decision) == "csrflow:policy:web-servers");
}

TEST_CASE("web-servers says what it misses by") {
  check(
      {example("web-servers")},
      {{4, {{"lifetime", R"("90d")"}}, "person", "lifetime.max", "lifetime 90d is longer than 47d"},
       {6, {{"lifetime", R"("47d")"}}, "approve", "", ""},
       {7, {{"lifetime", R"("47d1s")"}}, "person", "lifetime.max", "lifetime 47d1s is longer than 47d"},
       {8,
        {{"dns", R"(["a.b.shop.example.com"])"}},
        "person",
        "names.dns.allowed",
        "DNS name a.b.shop.example.com is under none of *.shop.example.com"},
       {10,
        {{"dns", R"(["shop.example.com"])"}},
        "person",
        "names.dns.allowed",
        "DNS name shop.example.com is under none of *.shop.example.com"},
       {12, {{"dns", R"(["A.SHOP.EXAMPLE.COM."])"}}, "approve", "", ""},
       {13, {{"dns", R"(["*.shop.example.com"])"}}, "approve", "", ""},
       {15,
        {{"dns", R"(["*.a.shop.example.com"])"}},
        "person",
        "names.dns.allowed",
        "DNS name *.a.shop.example.com is under none of *.shop.example.com"},
       {19,
        {{"dns", R"(["xshop.example.com"])"}},
        "person",
        "names.dns.allowed",
        "DNS name xshop.example.com is under none of *.shop.example.com"},
       {22, {{"dns", "[]"}, {"ip", R"(["10.1.2.3"])"}}, "person", "names.dns.min", "0 DNS names, at least 1"},
       {23, {{"ip", R"(["10.1.2.3"])"}}, "approve", "", ""},
       {24,
        {{"ip", R"(["11.0.0.1"])"}},
        "person",
        "names.ip.allowed",
        "IP address 11.0.0.1 is in none of 10.0.0.0/8, 2001:db8::/32"},
       {25, {{"ip", R"(["::ffff:10.1.2.3"])"}}, "approve", "", ""},
       {26,
        {{"email", R"(["a@example.com"])"}},
        "person",
        "names.unlisted",
        "e-mail name a@example.com: the policy allows none"},
       {27, {{"uri", R"(["spiffe://example.com/web/a"])"}}, "approve", "", ""},
       {28,
        {{"uri", R"(["spiffe://example.com/web/a/b"])"}},
        "person",
        "names.uri.allowed",
        "URI spiffe://example.com/web/a/b is under none of spiffe://example.com/web/*"},
       {30,
        {{"registeredIDs", R"(["1.2.3.4"])"}},
        "person",
        "names.unlisted",
        "registered ID 1.2.3.4: the policy allows none"},
       {31,
        {{"commonName", R"("b.shop.example.com")"}},
        "person",
        "names.commonNameInSAN",
        R"(common name "b.shop.example.com" is not a DNS name of the request)"},
       {32,
        {{"commonName", R"("a.shop.example.com")"}, {"organizations", R"(["Shop"])"}},
        "person",
        "subject.unlisted",
        R"(subject attribute O="Shop" is not named by the policy)"},
       {33,
        {{"usages", R"(["digital signature","server auth","client auth"])"}},
        "person",
        "usages.allowed",
        R"(usage "client auth" is not allowed)"},
       {34,
        {{"usages", R"(["digital signature"])"}},
        "person",
        "usages.required",
        R"(usage "server auth" is missing)"},
       {35, {{"key", R"("RSA-2048")"}}, "approve", "", ""},
       {37, {{"key", R"("P-521")"}}, "person", "key.curves", "curve P-521 is not among P-256, P-384"},
       {38, {{"key", R"("Ed25519")"}}, "approve", "", ""},
       {39,
        {{"keyUsedBy", R"([{"user":"bob","request":"web-7"}])"}},
        "person",
        "key.notReusedBy",
        "key was used by bob for web-7"},
       {40, {{"keyUsedBy", R"(["alice"])"}}, "approve", "", ""},
       {42, {{"count", R"({"perRequester":20})"}}, "approve", "", ""},
       {43,
        {{"count", R"({"perRequester":21})"}},
        "person",
        "rate.perRequester",
        "request 21 of alice within 1h, at most 20"},
       {20,
        {{"count", R"({"perName":6})"}},
        "person",
        "rate.perName",
        "request 6 of a.shop.example.com within 1d, at most 5"},
       {45,
        {{"lifetime", R"("90d")"}, {"key", R"("P-521")"}},
        "person",
        "key.curves",
        "curve P-521 is not among P-256, P-384"}});
}

TEST_CASE("the number of names is bounded") {
  const auto names = [](int count) {
    std::string list;
    for (int i = 0; i < count; ++i)
      list += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + ".shop.example.com\"";
    return '[' + list + ']';
  };
  check({example("web-servers")},
        {{20, {{"dns", names(20)}}, "approve", "", ""},
         {21, {{"dns", names(21)}}, "person", "names.dns.max", "21 DNS names, at most 20"}});
}

TEST_CASE("small changes of web-servers decide otherwise") {
  const PolicyPtr deny =
      changed("web-servers", {{"outcome: approve", "outcome: approve\n  otherwise: deny"}});
  const Answer denied = ask({deny}, request({{"lifetime", R"("90d")"}}));  // 5
  CHECK(denied.verdict == "deny");
  CHECK(denied.sentence ==
        with_hash("denied by policy web-servers (H): lifetime 90d is longer than 47d", deny));
  CHECK(reason_word(denied.decision.reason) == "PolicyDenied");

  const PolicyPtr deep = changed("web-servers", {{R"(dns: { allowed: ["*.)", R"(dns: { allowed: ["**.)"}});
  CHECK(ask({deep}, request({{"dns", R"(["a.b.shop.example.com"])"}})).verdict == "approve");         // 9
  CHECK(ask({deep}, request({{"dns", R"(["shop.example.com"])"}})).decisive == "names.dns.allowed");  // 11

  const PolicyPtr plain = changed("web-servers", {{"wildcards: true", "wildcards: false"}});
  check({plain}, {{14,
                   {{"dns", R"(["*.shop.example.com"])"}},
                   "person",
                   "names.dns.wildcards",
                   "DNS name *.shop.example.com is a wildcard"}});
  const PolicyPtr admin =
      changed("web-servers", {{"wildcards: true", "denied: [admin.shop.example.com], wildcards: true"}});
  check({admin}, {{18,
                   {{"dns", R"(["*.shop.example.com"])"}},
                   "person",
                   "names.dns.denied",
                   "DNS name *.shop.example.com is denied by admin.shop.example.com"}});
  const PolicyPtr once = changed("web-servers", {{"notReusedBy: others", "notReusedBy: anyone"}});
  check({once}, {{41,
                  {{"keyUsedBy", R"([{"user":"alice","request":"web-1"}])"}},
                  "person",
                  "key.notReusedBy",
                  "key was used by alice for web-1"}});
}

TEST_CASE("a guard denies what the others would approve") {
  const PolicyPtr web = example("web-servers"), guard = example("no-wildcards");
  const Answer denied = ask({web, guard}, request({{"dns", R"(["*.shop.example.com"])"}}));  // 16
  CHECK(denied.verdict == "deny");
  CHECK(denied.sentence ==
        with_hash("denied by policy no-wildcards (H): DNS name *.shop.example.com is a wildcard", guard));
  CHECK(ask({web, guard},
            request({{"dns", R"(["*.shop.example.com"])"}, {"groups", R"(["web-team","edge-team"])"}}))
            .verdict == "approve");  // 17
  CHECK(ask({example("renewals"), guard},
            request({{"dns", R"(["*.shop.example.com"])"}, {"rotation", R"({"predecessor":"web-1"})"}}))
            .verdict == "deny");  // 75
  CHECK(ask({example("weak-keys")},
            request({{"key", R"("RSA-2048")"}, {"signerName", R"("example.com/long")"}}))
            .verdict == "deny");  // 82
}

TEST_CASE("people get certificates for their own name") {
  const PolicyPtr people = example("people");
  const auto jane = [](Changes changes) {
    Facts facts = request({{"user", R"("jane@example.com")"},
                           {"groups", R"(["employees"])"},
                           {"signerName", R"("example.com/people")"},
                           {"dns", "[]"},
                           {"usages", R"(["digital signature","client auth"])"},
                           {"email", R"(["jane@example.com"])"},
                           {"commonName", R"("jane@example.com")"},
                           {"lifetime", R"("12h")"},
                           {"auth", R"("oidc")"}});
    for (const auto& [field, value] : changes) {
      if (field == "auth") facts.requester.by = csrflow::engine::Authentication::token;
      if (field == "commonName") facts.subject.front().value = value;
      if (field == "lifetime") facts.lifetime = *parse_duration(value);
    }
    return facts;
  };
  CHECK(ask({people}, jane({})).verdict == "approve");                  // 46
  CHECK(ask({people}, jane({{"auth", "token"}})).verdict == "person");  // 47
  const Answer root = ask({people}, jane({{"commonName", "root"}}));    // 48
  CHECK(root.verdict == "waits");
  CHECK(root.decisive == "subject.commonName");
  CHECK(root.sentence == with_hash("waits for 1 of group pki-team (policy people H): common name \"root\" is "
                                   "not among jane@example.com",
                                   people));
  CHECK(ask({people}, jane({{"lifetime", "13h"}})).decisive == "lifetime.max");  // 49
}

TEST_CASE("office hours are local, begin with their first second and end before their last") {
  const std::vector<PolicyPtr> both{example("web-servers"), example("office-hours")};
  const auto at = [&](const std::string& instant) {
    return ask(both, request({{"at", '"' + instant + '"'}}));
  };
  const Answer saturday = at("2026-03-07T09:00:00Z");  // 64
  CHECK(saturday.verdict == "waits");
  CHECK(saturday.decisive == "at");
  CHECK(saturday.sentence == with_hash("waits for 1 of group on-call or pki-team (policy office-hours H): "
                                       "Sat 10:00 Europe/Berlin is outside Mon-Fri 08:00-18:00",
                                       both[1]));
  CHECK(at("2026-03-02T07:00:00Z").verdict == "approve");  // 65
  CHECK(at("2026-03-02T17:00:00Z").verdict == "waits");    // 66
  CHECK(at("2026-03-30T06:00:00Z").verdict == "approve");  // 67
  CHECK(at("2026-12-24T10:00:00Z")
            .sentence.ends_with("Thu 11:00 Europe/Berlin is on the excepted day 2026-12-24"));

  const Facts weekend = request({{"at", R"("2026-03-07T09:00:00Z")"}});  // 68
  const PolicySet set(both);
  const auto opening = next_change(set, weekend, decide(set, weekend));
  REQUIRE(opening);
  CHECK(csrflow::engine::rfc3339_seconds(*opening) == "2026-03-09T07:00:00Z");
  Facts monday = weekend;
  monday.at = *opening;
  CHECK(decide(set, monday).verdict == Verdict::approve);
  CHECK_FALSE(next_change(set, monday, decide(set, monday)));
}

TEST_CASE("successors are like their predecessors") {
  check({example("renewals")},
        {{69, {{"rotation", R"({"predecessor":"web-1","keyAge":"40d"})"}}, "approve", "", ""},
         {70,
          {{"rotation", R"({"predecessor":"web-1","differs":["DNS names"]})"}},
          "person",
          "predecessor",
          "spec differs from web-1: DNS names"},
         {71,
          {{"rotation", R"({"predecessor":"web-1","revoked":true})"}},
          "person",
          "predecessor",
          "predecessor web-1 is revoked"},
         {72,
          {{"rotation", R"({"predecessor":"web-1","generation":25})"}},
          "person",
          "predecessor",
          "generation 25, at most 24"},
         {73,
          {{"rotation", R"({"predecessor":"web-1","keyAge":"400d"})"}},
          "person",
          "predecessor",
          "key is 400d old, at most 365d"},
         {74,
          {{"rotation", R"({"predecessor":"web-1","sameRequester":false})"}},
          "person",
          "predecessor",
          "requester differs from web-1"},
         {76, {}, "person", "", ""}});
  CHECK(ask({example("renewals")}, request()).sentence == "no policy matches" + person);
}

TEST_CASE("strings are compared in normal form, the requester's name, too") {
  const auto says = [](const std::string& rule, const char* user, const char* common_name) {
    const PolicyPtr policy = policy_of(R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy",
      "metadata":{"name":"own"},"spec":{"outcome":"approve","require":)" +
                                       rule + "}}");
    return ask({policy}, request({{"user", user}, {"commonName", common_name}})).verdict;
  };
  const auto same = [](const std::string& match) {
    return R"({"subject":{"commonName":{"sameAs":"requester","match":")" + match + R"("}}})";
  };
  const auto *composed = R"("caf\u00e9")", *decomposed = R"("cafe\u0301")";
  for (const auto* match : {"exact", "glob", "dns", "email", "regex"}) {
    CAPTURE(match);
    CHECK(says(same(match), decomposed, composed) == "approve");
    CHECK(says(same(match), decomposed, decomposed) == "approve");
    CHECK(says(same(match), R"("cafe")", composed) == "person");
  }
  const std::string in_names = R"({"names":{"unlisted":"any","sameAsRequester":["commonName"]}})";
  CHECK(says(in_names, decomposed, composed) == "approve");
  CHECK(says(in_names, decomposed, R"("cafe")") == "person");
  // Case counts, but for DNS names and the domain of addresses.
  const auto *jane = R"("jane@Example.com")", *lower = R"("jane@example.com")";
  CHECK(says(same("exact"), jane, lower) == "person");
  CHECK(says(same("email"), jane, lower) == "approve");
  CHECK(says(same("email"), jane, R"("Jane@example.com")") == "person");
  CHECK(says(same("dns"), R"("WEB.example.com")", R"("web.example.com.")") == "approve");
}

TEST_CASE("a name that no creation lets through is covered by nothing") {
  const PolicyPtr any = policy_of(R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy",
    "metadata":{"name":"any"},"spec":{"outcome":"approve","require":{"names":
    {"dns":{"allowed":["**"],"wildcards":true},"email":{"allowed":["*@**"]},"uri":{}}}}})");
  const auto decisive = [&](const char* kind, const std::string& name) {
    Facts facts = request({{"dns", "[]"}, {kind, "[\"" + name + "\"]"}});
    const Answer answer = ask({any}, facts);
    CHECK(ask({any}, *decode_facts(encode_facts(facts))).decisive == answer.decisive);
    return answer.decisive;
  };
  for (const auto* name : {"a..b", ".a", "-a.b", "a.-b", "a.*.b", "b\u00fccher.example", "a b.c", "a_b.c", "",
                           ".", "10.0.0.1"}) {
    CAPTURE(name);
    CHECK(decisive("dns", name) == "names.dns.allowed");
  }
  CHECK(decisive("dns", "*.Example.com").empty());
  CHECK(decisive("dns", "ab--c.example").empty());
  for (const auto* name :
       {"a", "@a.b", "a@", "a@b@c.d", "a@a_b.c", "a@-b.c", "j\u00e4ne@example.com", "a@10.0.0.1"}) {
    CAPTURE(name);
    CHECK(decisive("email", name) == "names.email.allowed");
  }
  CHECK(decisive("email", "jane@EXAMPLE.com").empty());
  for (const auto* name : {"spiffe://EXAMPLE.com/web/a", "spiffe://example.com/web/", "https://a/%7e",
                           "https://a/%2f", "https://u@a/", "https://a/./b", "https://a//b", "/a"}) {
    CAPTURE(name);
    CHECK(decisive("uri", name) == "names.uri.allowed");
  }
  CHECK(decisive("uri", "https://a/%20").empty());
}

TEST_CASE("a star of a glob is one character or more") {
  const auto covered = [](const std::string& glob, const std::string& organization) {
    const PolicyPtr policy = policy_of(R"({"apiVersion":"csrflow.io/v1","kind":"ApprovalPolicy",
      "metadata":{"name":"globs"},"spec":{"outcome":"approve","require":{"subject":{"organizations":
      {"match":"glob","values":[")" + glob +
                                       R"("]}}}}})");
    return ask({policy}, request({{"organizations", "[\"" + organization + "\"]"}})).verdict == "approve";
  };
  CHECK(covered("a*", "ab"));
  CHECK_FALSE(covered("a*", "a"));
  CHECK(covered("a**b", "axyb"));
  CHECK_FALSE(covered("a**b", "axb"));
  CHECK_FALSE(covered("a**b", "aéb"));  // one character of two bytes
  CHECK(covered("a**b", "aéüb"));
  CHECK(covered("*é", "aé"));
  CHECK_FALSE(covered("*é", "é"));
  CHECK(covered("a*b*c", "abbbcc"));
  CHECK_FALSE(covered("a?", "ab"));
}

TEST_CASE("nodes get their own names only") {
  const PolicyPtr nodes = example("nodes");
  const auto node = [&](const char* organizations, const char* dns) {
    return ask({nodes}, request({{"user", R"("system:bootstrap:abc123")"},
                                 {"groups", R"(["system:bootstrappers"])"},
                                 {"signerName", R"("kubernetes.io/kube-apiserver-client-kubelet")"},
                                 {"commonName", R"("system:node:n1")"},
                                 {"organizations", organizations},
                                 {"dns", dns},
                                 {"usages", R"(["digital signature","client auth"])"}}));
  };
  CHECK(node(R"(["system:nodes"])", "[]").verdict == "approve");                 // 77
  CHECK(node(R"(["system:nodes"])", R"(["n1"])").decisive == "names.unlisted");  // 78
  const Answer masters = node(R"(["system:nodes","system:masters"])", "[]");     // 79
  CHECK(masters.decisive == "subject.organizations");
  CHECK(masters.sentence.find(R"(organization "system:masters" is not among system:nodes)") !=
        std::string::npos);
}

TEST_CASE("built-in denials come before policies") {
  Facts facts = request();
  facts.built_in_denial = "the request asks for a CA certificate";
  const Answer answer = ask({example("web-servers")}, facts);  // 81
  CHECK(answer.verdict == "deny");
  CHECK(answer.sentence == "denied: the request asks for a CA certificate");
  CHECK(reason_word(answer.decision.reason) == "BuiltInDenied");
}

TEST_CASE("a suspended policy says what it would") {
  const PolicyPtr web =
      changed("web-servers", {{"outcome: approve", "outcome: approve\n  suspended: true"}});  // 83
  const Facts facts = request();
  const Answer answer = ask({web}, facts);
  CHECK(answer.verdict == "person");
  const std::string json = explanation_json(PolicySet({web}), facts, answer.decision);
  CHECK(json.find(R"("suspended":true,"would":"approve")") != std::string::npos);
  CHECK_FALSE(obligations(answer.decision).all.shorten_lifetime_to);
}

TEST_CASE("obligations are merged: the smallest lifetime, the smallest name's label") {
  const PolicyPtr web = example("web-servers");
  const PolicyPtr second =
      changed("web-servers", {{"name: web-servers", "name: web-second"},
                              {"labels: { tier: web }, rotationPolicy: web",
                               "shortenLifetimeTo: 7d, labels: { tier: shop, zone: a }, notify: [sec]"}});
  const Answer answer = ask({web, second}, request());  // 86
  CHECK(answer.verdict == "approve");
  CHECK(answer.sentence == with_hash("approved by policy web-second (H) and web-servers", second));
  const auto merged = obligations(answer.decision);
  CHECK(duration_text(*merged.all.shorten_lifetime_to) == "7d");
  CHECK(merged.all.labels == csrflow::engine::StringMap{{"tier", "shop"}, {"zone", "a"}});
  CHECK(merged.all.rotation_policy == "web");
  CHECK(merged.all.notify == Strings{"sec"});
  REQUIRE(merged.warnings.size() == 1);
  CHECK(merged.warnings[0].text ==
        "label tier: shop of policy web-second holds, web of policy web-servers does not");
}

TEST_CASE("the kubelets' built-in approver is one more policy") {
  Facts facts = request();
  facts.node_approval = true;
  CHECK(ask({}, facts).sentence == "approved by policy csrflow:node-approval");
  CHECK(ask({example("no-wildcards")},
            [&] {
              Facts wildcard = request({{"dns", R"(["*.shop.example.com"])"}});
              wildcard.node_approval = true;
              return wildcard;
            }())
            .verdict == "deny");
}
