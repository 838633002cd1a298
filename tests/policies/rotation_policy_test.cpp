#include "policies/rotation_policy.hpp"

#include <random>

#include "tests/catch.hpp"
#include "tests/policies/files.hpp"

using namespace csrflow;
using namespace csrflow::policies;
using csrflow::policies::test::file_text;
using engine::seconds;

namespace {

constexpr engine::Duration day = seconds(86'400);

RotationPolicyPtr policy_of(const std::string& yaml) {
  RotationPolicyFile file = read_rotation_policy_yaml(yaml);
  for (const Problem& problem : file.problems) FAIL(sentence(problem));
  return file.policies.at(0);
}
RotationPolicyPtr example(const std::string& name) {
  return policy_of(file_text("policies/examples/rotation/" + name + ".yaml"));
}
/// `spec` is a flow mapping.
std::string document(const std::string& spec, const std::string& name = "p") {
  return "apiVersion: csrflow.io/v1\nkind: RotationPolicy\nmetadata: { name: " + name + " }\nspec: " + spec +
         "\n";
}
RotationPolicyPtr with_spec(const std::string& spec, const std::string& name = "p") {
  return policy_of(document(spec, name));
}
/// `spec.mode E14`
std::vector<std::string> faults(const std::string& spec) {
  std::vector<std::string> found;
  for (const Problem& problem : read_rotation_policy_yaml(document(spec)).problems)
    found.push_back(problem.path + ' ' + problem.code);
  return found;
}
using Texts = std::vector<std::string>;

Facts request(std::string signer_name, engine::StringMap labels = {}) {
  Facts facts;
  facts.signer_name = std::move(signer_name);
  facts.labels = std::move(labels);
  facts.requester.user = "jane";
  facts.requester.groups = {"web"};
  facts.subject = {{"2.5.4.3", "www.shop.example.com"}, {"2.5.4.10", "Shop"}, {"2.5.4.10", "Other"}};
  facts.names = {name_of(NameKind::dns, "www.shop.example.com"), name_of(NameKind::dns, "example.org"),
                 name_of(NameKind::ip, "10.0.0.7")};
  return facts;
}

}  // namespace

TEST_CASE("a rotation policy is read with every field") {
  const auto policy = example("web");
  CHECK(policy->name == "web");
  const engine::RotationRules& rules = policy->rules;
  CHECK(rules.mode == engine::RotationMode::rekey);
  CHECK(std::get<engine::WindowRule>(rules.when) == engine::WindowRule{600'000, 750'000});
  CHECK(rules.first == engine::WindowRule{300'000, 750'000});
  CHECK(rules.limits.max_key_age == seconds(365 * 86'400));
  CHECK(rules.limits.per_signer == engine::RateCap{200, seconds(1), 50});
  REQUIRE(rules.allow.has_value());
  const auto& office = std::get<engine::WeeklyWindow>(rules.allow->at(0));
  CHECK(office.window == *engine::parse_time_window("Mon-Fri 08:00-16:00"));
  CHECK(office.zone.name() == "Europe/Berlin");
  CHECK(std::get<engine::DatedWindow>(rules.blackouts.at(0)).last == *engine::parse_day("2027-01-03"));
  CHECK(rules.canary_lead == 50'000);
  CHECK(rules.alerts.at_risk == 100'000);
  CHECK(rules.alerts.notify == Texts{"ops"});
  CHECK(rules.grace == seconds(7 * 86'400));
  CHECK(policy->key_upgrade == Texts{"P-384"});
}

TEST_CASE("what is not written has its default") {
  const engine::RotationRules rules = with_spec("{}")->rules;
  CHECK(rules.mode == engine::RotationMode::announce);
  CHECK(std::get<engine::WindowRule>(rules.when) == engine::WindowRule{600'000, 750'000});
  CHECK(rules.approval == engine::RotationApproval::policy);
  CHECK(rules.limits.in_flight == 1'000);
  CHECK_FALSE(rules.limits.max_renewals);
  CHECK_FALSE(rules.allow.has_value());
  CHECK(rules.retry == engine::RetryRule{seconds(30), seconds(6 * 3600)});
  CHECK(rules.renew_expired);
}

TEST_CASE("the window may be before the end, or given from outside") {
  const auto before = example("batch");
  CHECK(std::get<engine::BeforeExpiry>(before->rules.when) ==
        engine::BeforeExpiry{{day.microseconds * 30}, {day.microseconds * 20}});
  CHECK(before->rules.limits.per_signer == engine::RateCap{500, seconds(3600), 50});
  CHECK(before->rules.limits.max_renewals == 6);
  const auto outside =
      with_spec("{ when: { window: { start: '2026-03-01T10:00:00Z', end: '2026-03-02T10:00:00+02:00' } } }");
  CHECK(std::get<engine::Window>(outside->rules.when) ==
        engine::Window{*engine::parse_rfc3339("2026-03-01T10:00:00Z"),
                       *engine::parse_rfc3339("2026-03-02T08:00:00Z")});
}

TEST_CASE("blackouts are weekly, dated or two instants") {
  const auto policy = with_spec(
      "{ blackouts: [ { days: [Sat, Sun], from: '00:00', to: '24:00', timeZone: Europe/Berlin },"
      " { days: [Mon..Fri], from: '22:00', to: '06:00', timeZone: UTC },"
      " { from: '12:00', to: '13:00', timeZone: UTC },"
      " { start: 2026-12-20, end: 2026-12-20, timeZone: UTC },"
      " { start: '2026-06-01T10:00:00Z', end: '2026-06-01T12:00:00Z' } ] }");
  REQUIRE(policy->rules.blackouts.size() == 5);
  CHECK(std::get<engine::WeeklyWindow>(policy->rules.blackouts[1]).window ==
        *engine::parse_time_window("Mon-Fri 22:00-06:00"));
  CHECK(std::get<engine::WeeklyWindow>(policy->rules.blackouts[2]).window.days == 0x7f);
  CHECK(std::get<engine::Interval>(policy->rules.blackouts[4]).from ==
        *engine::parse_rfc3339("2026-06-01T10:00:00Z"));
}

TEST_CASE("all errors are found at once, each with its path") {
  CHECK(faults("{ mode: rekeyed, when: { fraction: { from: 0.8 } }, limits: { perSigner: fast },"
               " retry: { base: 0s }, blackouts: [ { days: [Mon], from: '08:00' } ], surprise: 1 }") ==
        Texts{"spec.mode E14", "spec.when.fraction E07", "spec.limits.perSigner E14", "spec.blackouts[0] E08",
              "spec.retry.base E14", "spec.surprise E01"});
  CHECK(faults("{ when: { fraction: { from: 0.5, to: 0.7 }, beforeExpiry: { from: 30d, to: 20d } } }") ==
        Texts{"spec.when E07"});
  CHECK(faults("{ when: {} }") == Texts{"spec.when E07"});
  CHECK(faults("{ when: { beforeExpiry: { from: 20d, to: 30d } } }") == Texts{"spec.when.beforeExpiry E07"});
  CHECK(faults("{ when: { window: { start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:00:00Z' } } }") ==
        Texts{"spec.when.window E07"});
  CHECK(faults("{ allow: [] }") == Texts{"spec.allow E06"});
  CHECK(faults("{ match: { dns: [], subject: { organizations: [] } } }") ==
        Texts{"spec.match.dns E06", "spec.match.subject.organizations E06"});
  CHECK(faults("{ canary: { matchLabels: { tier: canary }, lead: 0.6 } }") == Texts{"spec.canary.lead E07"});
  CHECK(faults("{ retry: { base: 1h, cap: 30m } }") == Texts{"spec.retry.cap E07"});
  CHECK(faults("{ limits: { perRequester: 0/s, maxRenewals: 0, inFlight: 0 } }") ==
        Texts{"spec.limits.maxRenewals E14", "spec.limits.perRequester E14", "spec.limits.inFlight E14"});
  CHECK(faults("{ keyUpgrade: [P-384, RSA-1024, DSA] }") ==
        Texts{"spec.keyUpgrade[1] E14", "spec.keyUpgrade[2] E14"});
  CHECK(faults("{ match: { signerNames: [web], ip: [10.0.0.1/8] } }") ==
        Texts{"spec.match.signerNames[0] E14", "spec.match.ip[0] E04"});
}

TEST_CASE("windows of a calendar are complete and in a zone") {
  const auto fault = [](const std::string& window) {
    return faults("{ blackouts: [ { " + window + " } ] }");
  };
  CHECK(fault("from: '08:00', to: '18:00'") == Texts{"spec.blackouts[0].timeZone E08"});
  CHECK(fault("days: [Mom], from: '08:00', to: '18:00', timeZone: UTC") == Texts{"spec.blackouts[0] E08"});
  CHECK(fault("days: [], from: '08:00', to: '18:00', timeZone: UTC") == Texts{"spec.blackouts[0] E08"});
  CHECK(fault("from: '08:00', to: '18:00', timeZone: Europe/Berlim") ==
        Texts{"spec.blackouts[0].timeZone E08"});
  CHECK(fault("start: 2026-12-20") == Texts{"spec.blackouts[0] E08"});
  CHECK(fault("start: 2026-12-20, end: 2026-12-24") == Texts{"spec.blackouts[0].timeZone E08"});
  CHECK(fault("start: 2026-12-20, end: 2026-12-19, timeZone: UTC") == Texts{"spec.blackouts[0] E07"});
  CHECK(fault("start: 2026-12-20, end: tomorrow, timeZone: UTC") ==
        Texts{"spec.blackouts[0].start E08", "spec.blackouts[0].end E08"});
  CHECK(fault("start: '2026-12-20T10:00:00Z', end: '2026-12-20T09:00:00Z'") ==
        Texts{"spec.blackouts[0] E07"});
  CHECK(fault("start: 2026-12-20, end: 2026-12-24, from: '08:00', timeZone: UTC") ==
        Texts{"spec.blackouts[0] E07"});
}

TEST_CASE("a fraction has at most six places") {
  const auto from = [](const std::string& text) {
    return std::get<engine::WindowRule>(
               with_spec("{ when: { fraction: { from: " + text + " } } }")->rules.when)
        .from;
  };
  CHECK(from("0.6") == 600'000);
  CHECK(from("0.60") == 600'000);
  CHECK(from("0.123456") == 123'456);
  CHECK(from("0.00006") == 60);
  for (const char* text : {"0.1234567", "0", "-0.1", "0.96", "1", "'0.6'", "1e3", "0.0000001", "true"}) {
    INFO(text);
    const Texts found = faults(std::string("{ when: { fraction: { from: ") + text + " } } }");
    REQUIRE(!found.empty());
    CHECK(found.front() == "spec.when.fraction.from E14");
  }
}

TEST_CASE("an unknown field names the nearest known one") {
  const auto file = read_rotation_policy_yaml(document("{ blackout: [] }"));
  REQUIRE(file.problems.size() == 1);
  CHECK(sentence(file.problems[0]) ==
        "p: line 4: spec.blackout: E01 unknown field blackout; the nearest known one is blackouts");
}

TEST_CASE("what is no rotation policy is refused with a sentence") {
  for (const char* text : {"", "[", "42", "{", "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\n"}) {
    INFO(text);
    CHECK(read_rotation_policy_yaml(text).policies.empty());
  }
  CHECK_FALSE(read_rotation_policy_json("{"));
  CHECK_FALSE(read_rotation_policy_json("[]"));
  const auto misnamed = read_rotation_policy_yaml(document("{}", "Web"));
  REQUIRE(misnamed.problems.size() == 1);
  CHECK(misnamed.problems[0].path == "metadata.name");
}

TEST_CASE("damaged documents are refused or read, and nothing worse") {
  const std::string whole = file_text("policies/examples/rotation/web.yaml");
  std::mt19937 random(20260301);
  std::size_t refused = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string text = whole;
    for (std::size_t flips = 1 + random() % 3; flips > 0; --flips)
      text[random() % text.size()] = static_cast<char>(random() % 128);
    if (i % 4 == 0) text.resize(random() % text.size());
    const RotationPolicyFile file = read_rotation_policy_yaml(text);
    if (!file.problems.empty()) ++refused;
    for (const Problem& problem : file.problems) CHECK(!problem.text.empty());
  }
  CHECK(refused > 500);
}

TEST_CASE("documents that mean the same have the same hash, others have not") {
  const auto one = with_spec("{ mode: renew, when: { fraction: { from: 0.60, to: 0.75 } } }");
  CHECK(one->hash == with_spec("{ when: { fraction: { from: 0.6 } }, mode: renew, limits: {} }")->hash);
  CHECK(one->hash != with_spec("{ mode: renew, when: { fraction: { from: 0.61 } } }")->hash);
  CHECK(one->hash != with_spec("{ mode: renew }", "q")->hash);
  CHECK(one->hash.size() == 64);
  CHECK(one->canonical.starts_with(
      R"({"apiVersion":"csrflow.io/v1","kind":"RotationPolicy","metadata":{"name":"p"},"spec":{"alerts":)"));
  CHECK(one->canonical.find(R"("when":{"fraction":{"from":0.6,"to":0.75}})") != std::string::npos);
  const auto json = read_rotation_policy_json(
      R"({"apiVersion":"csrflow.io/v1","kind":"RotationPolicy","metadata":{"name":"p","uid":"x"},"spec":{"mode":"renew"},"status":{}})");
  REQUIRE(json);
  CHECK((*json)->hash == one->hash);
}

TEST_CASE("the fields are described, for the API's schema") {
  const auto fields = describe_rotation_spec();
  const auto field = [](const std::vector<engine::FieldDescription>& in, std::string_view name) {
    const auto found = std::ranges::find(in, name, &engine::FieldDescription::name);
    REQUIRE(found != in.end());
    CHECK(!found->description.empty());
    return *found;
  };
  CHECK(field(fields, "mode").choices == Texts{"renew", "rekey", "announce", "none"});
  CHECK(field(field(field(fields, "when").fields, "fraction").fields, "from").type == "number");
  CHECK(field(fields, "blackouts").type == "array of object");
  CHECK(field(field(fields, "blackouts").fields, "timeZone").type == "string");
  CHECK(field(field(fields, "canary").fields, "lead").type == "number");
  CHECK(field(field(fields, "renewExpired").fields, "enabled").type == "boolean");
  CHECK(field(field(fields, "match").fields, "subject").fields.size() == 12);
}

TEST_CASE("a policy is for the certificates that its match covers") {
  const auto matches = [](const std::string& match) {
    return covers(with_spec("{ match: " + match + " }")->match,
                  request("example.com/web", {{"tier", "canary"}, {"app", "shop"}}));
  };
  CHECK(matches("{}"));
  CHECK(matches("{ signerNames: ['example.com/web'] }"));
  CHECK(matches("{ signerNames: ['example.com/*'] }"));
  CHECK_FALSE(matches("{ signerNames: ['example.org/*'] }"));
  CHECK(matches("{ labels: { matchLabels: { app: shop } } }"));
  CHECK_FALSE(matches("{ labels: { matchExpressions: [ { key: app, operator: DoesNotExist } ] } }"));
  CHECK(matches("{ requesters: { users: [jane] } }"));
  CHECK(matches("{ requesters: { usersMatch: 'j.*' } }"));
  CHECK_FALSE(matches("{ requesters: { notGroups: [web] } }"));
  CHECK(matches("{ dns: ['*.shop.example.com'] }"));
  CHECK_FALSE(matches("{ dns: ['*.example.com'] }"));
  CHECK(matches("{ ip: [10.0.0.0/8] }"));
  CHECK_FALSE(matches("{ email: ['jane@example.com'] }"));
  CHECK(matches("{ subject: { organizations: [Shop] } }"));
  CHECK(matches("{ subject: { organizations: [Nobody, Other], commonName: [www.shop.example.com] } }"));
  CHECK_FALSE(matches("{ subject: { organizations: [Shop], countries: [DE] } }"));
}

TEST_CASE("the most specific policy holds: by signer, then by labels, then by name") {
  const auto any = with_spec("{}", "any");
  const auto domain = with_spec("{ match: { signerNames: ['example.com/*'] } }", "domain");
  const auto named = with_spec("{ match: { signerNames: ['example.com/web'] } }", "named");
  const auto labelled = with_spec(
      "{ match: { signerNames: ['example.com/web'], labels: { matchLabels: { app: shop } } } }", "labelled");
  const auto other = with_spec(
      "{ match: { signerNames: ['example.com/web'], labels: { matchLabels: { app: shop } } } }", "another");
  const Facts facts = request("example.com/web", {{"app", "shop"}});
  std::vector<RotationPolicyPtr> policies{any};
  CHECK(most_specific(policies, facts) == any);
  policies.push_back(domain);
  CHECK(most_specific(policies, facts) == domain);
  policies.push_back(named);
  CHECK(most_specific(policies, facts) == named);
  policies.push_back(labelled);
  CHECK(most_specific(policies, facts) == labelled);
  policies.push_back(other);
  CHECK(most_specific(policies, facts) == other);
  CHECK(most_specific(policies, request("example.com/db")) == domain);
  CHECK(most_specific(policies, request("example.org/db")) == any);
  CHECK(most_specific({}, facts) == nullptr);
}

TEST_CASE("canaries are those with the labels, and nobody where none are given") {
  const auto policy = example("web");
  CHECK(is_canary(*policy, {{"tier", "canary"}}));
  CHECK_FALSE(is_canary(*policy, {{"tier", "front"}}));
  CHECK_FALSE(is_canary(*example("batch"), {{"tier", "canary"}}));
}
