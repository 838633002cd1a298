// Counterfactual replay of a past that a real writer decided with real policies.
#include "policies/replay.hpp"

#include <random>

#include "tests/policies/past_office.hpp"

namespace csrflow::policies {
namespace {

using namespace test;

const std::string web = R"(apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: web }
spec:
  match: { signerNames: [kubernetes.io/web], requesters: { groups: [web-team] } }
  require:
    names: { dns: { allowed: ["*.shop.example.com"] } }
    lifetime: { max: 2h }
  outcome: approve
)";
std::string with(std::string yaml, const std::string& what, const std::string& instead) {
  return yaml.replace(yaml.find(what), what.size(), instead);
}
const std::string short_web = with(web, "max: 2h", "max: 30m");
const std::string strict_web = with(short_web, "outcome: approve", "outcome: approve\n  otherwise: deny");
const std::string rated = R"(apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: rated }
spec:
  match: { signerNames: [kubernetes.io/web] }
  require:
    names: { unlisted: any }
    key: { notReusedBy: others }
    rate: { perRequester: 2/m, perName: 3/m, perSigner: 5/m }
  outcome: next
  otherwise: deny
)";
const std::string reviewed = R"(apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: reviewed }
spec:
  match: { signerNames: [kubernetes.io/payments] }
  outcome: review
  review: { approvers: [ { groups: [pki-team], count: 2 } ] }
)";

ReplayOptions given(std::initializer_list<std::string> documents) {
  ReplayOptions options;
  for (const std::string& yaml : documents) options.policies.push_back(policy_of(yaml));
  return options;
}

TEST_CASE("with the policies of the time, history is what it was") {
  PastOffice office;
  office.apply(web);
  office.ask("one");
  office.ask("two", {.request = "spki=02 dns=other.example.com"});
  office.speaks("carol", "two", "Approved");
  office.ask("three", {.request = "spki=02 dns=other.example.com"});
  const auto result = office.replay();
  CHECK(result.requests == 3);
  CHECK(result.at(Recorded::approve, Replayed::approve).count == 1);
  CHECK(result.at(Recorded::person_approve, Replayed::person).count == 1);
  CHECK(result.at(Recorded::pending, Replayed::person).count == 1);
  CHECK(result.differing() == 0);
  CHECK(result.tested == 1);
  CHECK(result.not_reproduced == 0);
  CHECK(result.complete);
}

TEST_CASE("a policy of the same name stands for the recorded one at all times") {
  PastOffice office;
  office.apply(web);
  office.ask("one");
  const auto result = office.replay(given({short_web}));
  const ReplayCell& cell = result.at(Recorded::approve, Replayed::person);
  REQUIRE(cell.count == 1);
  CHECK(cell.examples.at(0).request == "one");
  CHECK(cell.examples.at(0).recorded.starts_with("approved by policy web ("));
  CHECK(cell.examples.at(0).replayed ==
        "no policy decides: web misses by lifetime 1h is longer than 30m; a person with approve on "
        "kubernetes.io/web decides");
  CHECK(result.not_reproduced == 0);
}

TEST_CASE("live certificates that would have been denied come first") {
  PastOffice office;
  office.apply(web);
  office.ask("one");
  office.ask("two");
  const auto open = office.state("one").open_issues.at(0).issuing;
  office.command("one", CompleteIssue{open.uid, open.serial, "PEM", "fingerprint"});
  const auto result = office.replay(given({strict_web}));
  CHECK(result.at(Recorded::approve, Replayed::deny).count == 2);
  CHECK(result.live_denied == 1);
  CHECK(result.live_denied_examples.at(0).request == "one");

  office.pass(engine::seconds(2 * 3600));
  CHECK(office.replay(given({strict_web})).live_denied == 0);
}

TEST_CASE("the other policies are those of the time, and with --only none") {
  PastOffice office;
  office.apply(web);
  office.ask("one");
  const std::string other = with(web, "name: web", "name: other");
  CHECK(office.replay(given({with(other, "max: 2h", "max: 1m")})).differing() == 0);
  auto only = given({with(other, "max: 2h", "max: 1m")});
  only.only = true;
  CHECK(office.replay(only).at(Recorded::approve, Replayed::person).count == 1);
}

TEST_CASE("rates and keys are those of the request's own time") {
  PastOffice office;
  for (const char* name : {"one", "two", "three"}) office.ask(name);
  office.ask("four", {.user = "bob"});
  office.pass(engine::seconds(120));
  office.ask("five", {.request = "spki=05 dns=five.example.com"});
  const auto result = office.replay(given({rated}));
  const ReplayCell& denied = result.at(Recorded::pending, Replayed::deny);
  REQUIRE(denied.count == 2);
  CHECK(denied.examples.at(0).request == "three");
  CHECK_THAT(denied.examples.at(0).replayed,
             Catch::Matchers::Contains("request 3 of alice within 1m, at most 2"));
  CHECK(denied.examples.at(1).request == "four");
  CHECK_THAT(denied.examples.at(1).replayed, Catch::Matchers::Contains("key was used by alice for one"));
}

TEST_CASE("words count as they were spoken; demands that nobody knew stay open") {
  PastOffice office;
  office.apply(reviewed);
  office.ask("pay", {.signer = "kubernetes.io/payments"});
  office.speaks("carol", "pay", "Approved");
  office.speaks("dave", "pay", "Approved");
  const auto same = office.replay();
  CHECK(same.at(Recorded::approve, Replayed::approve).count == 1);
  CHECK(same.tested == 1);
  CHECK(same.not_reproduced == 0);
  CHECK(office.replay(given({with(reviewed, "count: 2", "count: 1")}))
            .at(Recorded::approve, Replayed::approve)
            .count == 1);
  CHECK(office.replay(given({with(reviewed, "count: 2", "count: 3")}))
            .at(Recorded::approve, Replayed::waits)
            .count == 1);

  auto without_carol = given({});
  without_carol.may_approve = [](const engine::Word& word, const engine::SignerName&, engine::Position) {
    return word.user != "carol";
  };
  CHECK(office.replay(without_carol).not_reproduced == 1);
}

TEST_CASE("a change of another policy is an instant of evaluation, too") {
  PastOffice office;
  office.ask("one");
  office.apply(with(with(web, "name: web", "name: late"), "max: 2h", "max: 1m"));
  const auto early = with(web, "name: web", "name: early");
  CHECK(office.replay(given({early})).at(Recorded::pending, Replayed::approve).count == 1);
  CHECK(office.replay().at(Recorded::pending, Replayed::person).count == 1);
}

TEST_CASE("built-in denials stay denials whatever the policies say") {
  PastOffice office;
  office.apply(web);
  office.ask("one", {.request = "spki=01 dns=forbidden.shop.example.com"});
  const auto result = office.replay(given({short_web}));
  CHECK(result.at(Recorded::deny, Replayed::deny).count == 1);
  CHECK(result.tested == 1);
  CHECK(result.not_reproduced == 0);
}

TEST_CASE("a range of time and a signer limit what is replayed, not what is counted") {
  PastOffice office;
  office.ask("one");
  office.ask("two");
  const engine::Timestamp middle = office.clock.now();
  office.ask("three");
  office.ask("elsewhere", {.signer = "kubernetes.io/mail"});
  auto options = given({rated});
  options.since = middle;
  auto result = office.replay(options);
  CHECK(result.requests == 2);
  CHECK(result.at(Recorded::pending, Replayed::deny).count == 1);
  options.signer_name = "kubernetes.io/mail";
  CHECK(office.replay(options).requests == 1);
  options = given({});
  options.until = middle;
  CHECK(office.replay(options).requests == 2);
}

TEST_CASE("what a successor follows is history as it was, or with --cascade as it would have become") {
  const std::string renewals = R"(apiVersion: csrflow.io/v1
kind: ApprovalPolicy
metadata: { name: renewals }
spec:
  match: { signerNames: [kubernetes.io/web], rotation: only }
  require: { predecessor: { sameSpec: true, sameRequester: true } }
  outcome: approve
)";
  PastOffice office;
  office.apply(web);
  office.apply(renewals);
  office.ask("one");
  office.ask("two", {.expiration = 3600, .predecessor = "one"});
  CHECK(office.replay().not_reproduced == 0);
  // Without web, nobody approves `one`; its successor is approved for being one.
  auto options = given({with(web, "max: 2h", "max: 1m")});
  CHECK(office.replay(options).at(Recorded::approve, Replayed::approve).count == 1);
  options.cascade = true;
  CHECK(office.replay(options).at(Recorded::approve, Replayed::person).count == 2);
}

TEST_CASE("other lifetimes than the signer's of the time are judged where they are given") {
  PastOffice office;
  office.apply(web);
  office.ask("one");
  ReplayOptions options;
  options.lifetime = [](const engine::CsrSpec&) { return engine::seconds(3 * 3600); };
  const auto result = office.replay(options);
  REQUIRE(result.at(Recorded::approve, Replayed::person).count == 1);
  CHECK_THAT(result.at(Recorded::approve, Replayed::person).examples.at(0).replayed,
             Catch::Matchers::Contains("lifetime 3h is longer than 2h"));
  CHECK(result.tested == 1);
  CHECK(result.not_reproduced == 0);
}

TEST_CASE("a replay that is stopped says so") {
  PastOffice office;
  office.ask("one");
  std::stop_source stop;
  stop.request_stop();
  ReplayOptions options;
  options.stop = stop.get_token();
  CHECK_FALSE(office.replay(options).complete);
}

TEST_CASE("whatever happened, the policies of the time decide it again") {
  const auto seed = GENERATE(range(1u, 11u));
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto pick = [&](auto... options) {
    const std::array<std::string, sizeof...(options)> all{options...};
    return all[random() % all.size()];
  };
  PastOffice office;
  std::vector<std::string> open;
  for (int i = 0; i < 120; ++i) {
    office.pass(engine::seconds(static_cast<std::int64_t>(random() % 30)));
    switch (random() % 6) {
      case 0:
        office.apply(
            pick(web, short_web, strict_web, rated, reviewed, with(reviewed, "count: 2", "count: 1")));
        for (const std::string& name : open)
          office.command(name, Evaluate{office.state(name).object->meta.uid});
        break;
      case 1:
      case 2:
        if (!open.empty())
          office.speaks(pick("carol", "dave"), open[random() % open.size()],
                        pick("Approved", "Approved", "Denied"));
        break;
      default:
        office.ask("r" + std::to_string(i),
                   {.user = pick("alice", "bob"),
                    .request = "spki=" + pick("01", "02", "03", "04") + " dns=" +
                               pick("a.shop.example.com", "b.shop.example.com", "other.example.com"),
                    .signer = pick("kubernetes.io/web", "kubernetes.io/payments"),
                    .expiration = random() % 2 == 0 ? 3600 : 900,
                    .predecessor = {}});
        open.push_back("r" + std::to_string(i));
    }
    std::erase_if(open, [&](const std::string& name) { return !engine::undecided(office.state(name)); });
  }
  const auto result = office.replay();
  CHECK(result.tested > 5);
  CHECK(result.not_reproduced == 0);
  for (const auto& one : result.not_reproduced_examples) {
    CAPTURE(one.request, one.recorded, one.replayed);
    CHECK(false);
  }
  CHECK(result.at(Recorded::approve, Replayed::deny).count == 0);
  CHECK(result.at(Recorded::deny, Replayed::approve).count == 0);
}

}  // namespace
}  // namespace csrflow::policies
