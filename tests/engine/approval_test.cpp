// How rulings of the approval policies and people's words become decisions. The policies here are a paper
// one: what real ones say is their own tests' matter.
#include "engine/person.hpp"
#include "engine/timers.hpp"
#include "tests/engine/story.hpp"

using namespace csrflow::test;
using Kind = Refusal::Kind;

namespace {

/// Says what the test wants, by how many have spoken.
struct PaperApprover : Approver {
  std::function<Ruling(const Question&)> rule;
  Ruling judge(const Question& question) const override { return rule(question); }
  std::string why_not_inherited(const CsrState&) const override { return {}; }
};

Ruling ruling(Verdict verdict, std::string sentence = {}) {
  Ruling r;
  r.verdict = verdict;
  r.silent = false;
  r.sentence = std::move(sentence);
  r.deciding = {"web", "c0ffee", ""};
  r.facts = {R"({"evaluator":"1"})"};
  if (verdict == Verdict::approve) r.reason = "PolicyApproved";
  if (verdict == Verdict::deny) r.reason = "PolicyDenied";
  return r;
}

World with_policy(std::function<Ruling(const Question&)> rule) {
  World world;
  auto approver = std::make_shared<PaperApprover>();
  approver->rule = std::move(rule);
  world.approver = std::move(approver);
  return world;
}

World where_all_are(const Ruling& fixed) {
  return with_policy([fixed](const Question&) { return fixed; });
}

/// Two of anybody but jane, who asks; a denial vetoes.
World where_two_must_approve() {
  return with_policy([](const Question& q) {
    std::uint32_t filled = 0;
    Ruling r = ruling(Verdict::waits, "waits for 2 of group pki-team (policy web c0ffee)");
    for (const Word& word : q.words) {
      if (word.say == Word::Say::deny) {
        r = ruling(Verdict::deny, "denied by " + word.user + ": " + word.message);
        r.reason = "ReviewDenied";
        return r;
      }
      if (word.user == q.state.object->spec->username)
        r.not_counted[word.user] = word.user + " asked; another must approve";
      else
        ++filled;
    }
    if (filled >= 2) {
      r = ruling(Verdict::approve, "approved by policy web (c0ffee)");
      r.reason = "ReviewComplete";
    }
    r.places = {filled, 2};
    return r;
  });
}

auto approves(World& world, const std::string& user, const std::string& name = "jane") {
  world.actor = {.user = user, .by = Authentication::x509};
  return world.when(name, approve(world, name));
}

Identity acting_as(const std::string& user, const std::string& who) {
  Identity identity{.user = user, .by = Authentication::token};
  identity.impersonator =
      std::make_shared<const Identity>(Identity{.user = who, .by = Authentication::token});
  return identity;
}

Change denial(World& world, const std::string& name) {
  Change change = approve(world, name);
  change.change.conditions->back() = {"Denied", "True", "KubectlDeny", "not ours", world.now, world.now};
  return change;
}

const Condition* decision(World& world, std::string_view type) {
  return world.state("jane").object->status.find(type);
}

}  // namespace

TEST_CASE("what a policy approves is approved and taken up by the signer in the creation's own transaction") {
  Ruling yes = ruling(Verdict::approve, "approved by policy web (c0ffee)");
  yes.obligations.shorten_lifetime_to = seconds(600);
  yes.obligations.labels["tier"] = "web";
  World world = where_all_are(yes);
  const auto events = world.when("jane", request("jane"));
  REQUIRE(happened<Created, Approved, Issuing>(events));
  const auto& approved = std::get<Approved>((*events)[1]);
  CHECK(approved.judged.deciding == Deciding{"web", "c0ffee", ""});
  CHECK(approved.judged.facts == yes.facts);
  CHECK(decision(world, "Approved")->reason == "PolicyApproved");
  CHECK(decision(world, "Approved")->message == "approved by policy web (c0ffee)");
  CHECK(world.state("jane").object->meta.labels.at("tier") == "web");
  CHECK(std::get<Issuing>((*events)[2]).not_after == world.now + seconds(600));
}

TEST_CASE("what a policy denies is denied, and no person can approve it any more") {
  World world = where_all_are(ruling(Verdict::deny, "denied by policy web (c0ffee): too long"));
  REQUIRE(happened<Created, Denied>(world.when("jane", request("jane"))));
  CHECK(decision(world, "Denied")->reason == "PolicyDenied");
  CHECK(approves(world, "carol").error().kind == Kind::already_decided);
}

TEST_CASE("a request that no policy matches leaves no trace of them, and a person decides alone") {
  World world = where_all_are({});
  REQUIRE(happened<Created>(world.when("jane", request("jane"))));
  const auto events = approves(world, "carol");
  REQUIRE(happened<Approved, Issuing>(events));
  CHECK(std::get<Approved>((*events)[0]).judged.facts.text.empty());
  CHECK(world.state("jane").deciders == std::vector<std::string>{"carol"});
}

TEST_CASE("two of two: each word is an event, the condition comes with the last") {
  World world = where_two_must_approve();
  REQUIRE(happened<Created, Evaluated>(world.when("jane", request("jane"))));
  REQUIRE(happened<Reviewed, Evaluated>(approves(world, "carol")));
  CHECK_FALSE(decision(world, "Approved"));
  CHECK(world.state("jane").standing->places == Places{1, 2});
  SECTION("the same person's second word is no second place") {
    CHECK(happened<>(approves(world, "carol")));
  }
  SECTION("nor is it later, or with other groups, but it is a new word") {
    world.now = world.now + seconds(60);
    CHECK(happened<Reviewed>(approves(world, "carol")));
    world.actor = {.user = "carol", .groups = {"pki-team"}, .by = Authentication::x509};
    CHECK(happened<Reviewed>(world.when("jane", approve(world, "jane"))));
    CHECK(world.state("jane").words.size() == 1);
    CHECK(world.state("jane").words[0].groups == std::vector<std::string>{"pki-team"});
  }
  SECTION("who acts as another is known for who they are") {
    world.actor = acting_as("dave", "carol");
    world.when("jane", approve(world, "jane"));
    REQUIRE(world.state("jane").words.size() == 2);
    CHECK(world.state("jane").words[1].credential == "user:carol");
    CHECK(same_person({"carol", ""}, {"dave", world.state("jane").words[1].credential}));
  }
  SECTION("another one's completes it") {
    REQUIRE(happened<Reviewed, Approved, Issuing>(approves(world, "dave")));
    CHECK(decision(world, "Approved")->reason == "ReviewComplete");
    CHECK_FALSE(world.state("jane").standing);
  }
  SECTION("the requester's own does not count, and is told why") {
    const auto refused = approves(world, "jane");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Kind::not_permitted);
    CHECK(refused.error().message == "jane asked; another must approve");
  }
  SECTION("taken back before the decision, it is as if never spoken") {
    world.actor = {.user = "carol", .by = Authentication::x509};
    REQUIRE(happened<Reviewed, Evaluated>(
        world.when("jane", Withdraw{world.state("jane").object->meta.uid, ""})));
    CHECK(world.state("jane").standing->places == Places{0, 2});
    REQUIRE(happened<Reviewed, Evaluated>(approves(world, "dave")));
  }
  SECTION("only who has spoken takes something back") {
    world.actor = {.user = "dave", .by = Authentication::x509};
    const auto refused = world.when("jane", Withdraw{world.state("jane").object->meta.uid, ""});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == Kind::not_permitted);
    CHECK(refused.error().message == "dave has not spoken on this request");
  }
  SECTION("a denial vetoes") {
    world.actor = {.user = "erin", .by = Authentication::x509};
    REQUIRE(happened<Reviewed, Denied>(world.when("jane", denial(world, "jane"))));
    CHECK(decision(world, "Denied")->reason == "ReviewDenied");
    CHECK(decision(world, "Denied")->message == "denied by erin: not ours");
  }
}

TEST_CASE("a deleted and created name starts without words") {
  World world = where_two_must_approve();
  world.when("jane", request("jane"));
  approves(world, "carol");
  REQUIRE(happened<Deleted>(world.when("jane", Delete{})));
  REQUIRE(happened<Created, Evaluated>(world.when("jane", request("jane"))));
  CHECK(world.state("jane").words.empty());
  CHECK(happened<Reviewed, Evaluated>(approves(world, "dave")));
}

TEST_CASE("asked again, the policies write only what has changed") {
  auto open = std::make_shared<bool>(false);
  World world = with_policy([open](const Question& q) {
    if (*open) return ruling(Verdict::approve, "approved by policy web (c0ffee)");
    Ruling r = ruling(Verdict::person, "no policy decides: web misses by the hour");
    r.next = q.now + seconds(60);
    return r;
  });
  world.when("jane", request("jane"));
  const Uid uid = world.state("jane").object->meta.uid;
  const auto timers = timers_of(csr_stream("jane"), State(world.state("jane")), nullptr, nullptr);
  REQUIRE(timers.size() == 1);
  CHECK(timers[0].kind == TimerKind::evaluate);
  CHECK(timers[0].due == world.now + seconds(60));
  CHECK(happened<>(world.when("jane", Evaluate{uid})));
  *open = true;
  CHECK(happened<Approved, Issuing>(world.when("jane", Evaluate{uid})));
  CHECK(happened<>(world.when("jane", Evaluate{uid})));
}

TEST_CASE("a word that has become too old is an event of its own") {
  World world = with_policy([](const Question& q) {
    Ruling r = ruling(Verdict::waits, "waits for 1 of group pki-team (policy web c0ffee)");
    r.places = {0, 2};
    for (const Word& word : q.words) {
      if (q.now - word.at >= seconds(72 * 3600))
        r.lapsed.push_back(word.user);
      else
        ++r.places.filled;
    }
    return r;
  });
  world.when("jane", request("jane"));
  approves(world, "carol");
  world.now = world.now + seconds(72 * 3600);
  const auto events = world.when("jane", Evaluate{world.state("jane").object->meta.uid});
  REQUIRE(happened<Reviewed, Evaluated>(events));
  CHECK(std::get<Reviewed>((*events)[0]).say == Word::Say::lapsed);
  CHECK(world.state("jane").words.empty());
}

TEST_CASE("the automatic approval of kubelets does not go past a review or a denial") {
  World world = where_two_must_approve();
  world.when("jane", request("jane"));
  world.actor = system_actor("approver");
  CHECK(happened<>(world.when("jane", approve(world, "jane"))));
}

TEST_CASE("broken glass: approved against the policies' word, which is named, and confirmed by another") {
  World world = where_two_must_approve();
  world.when("jane", request("jane"));
  const Uid uid = world.state("jane").object->meta.uid;
  world.actor = {.user = "carol", .by = Authentication::x509};
  CHECK(world.when("jane", ConfirmBreakGlass{uid, ""}).error().message ==
        "this request was not approved by break-glass");
  const auto events = world.when("jane", BreakGlassApproval{uid, "the shop is down"});
  REQUIRE(happened<Approved, Issuing>(events));
  const auto& approved = std::get<Approved>((*events)[0]);
  CHECK(approved.break_glass->overridden == "waits for 2 of group pki-team (policy web c0ffee)");
  CHECK(approved.break_glass->reason == "the shop is down");
  CHECK(world.when("jane", ConfirmBreakGlass{uid, ""}).error().kind == Kind::not_permitted);
  world.actor = acting_as("dave", "carol");
  CHECK(world.when("jane", ConfirmBreakGlass{uid, ""}).error().kind == Kind::not_permitted);
  world.actor = {.user = "dave", .by = Authentication::x509};
  CHECK(happened<ReviewedAfterwards>(world.when("jane", ConfirmBreakGlass{uid, "it was"})));
  CHECK(happened<>(world.when("jane", ConfirmBreakGlass{uid, "it was"})));
  CHECK(world.state("jane").break_glass.front().confirmed_by == "dave");
}

TEST_CASE("who breaks the glass as another cannot confirm it as themselves") {
  World world = where_two_must_approve();
  world.when("jane", request("jane"));
  const Uid uid = world.state("jane").object->meta.uid;
  world.actor = acting_as("dave", "carol");
  REQUIRE(happened<Approved, Issuing>(world.when("jane", BreakGlassApproval{uid, "the shop is down"})));
  CHECK(world.state("jane").break_glass.front().user == "carol");
  world.actor = {.user = "carol", .by = Authentication::x509};
  CHECK(world.when("jane", ConfirmBreakGlass{uid, ""}).error().message ==
        "carol broke the glass; another must confirm it");
}

TEST_CASE("a renewal inherits its approval, but a denial by policy wins over it") {
  auto strict = std::make_shared<bool>(false);
  auto silent = std::make_shared<bool>(false);
  auto labels = std::make_shared<StringMap>();
  World world = with_policy([strict, silent, labels](const Question&) {
    if (*silent) return Ruling{};
    if (*strict) return ruling(Verdict::deny, "denied by policy web (c0ffee): a wildcard");
    Ruling yes = ruling(Verdict::approve, "approved by policy web (c0ffee)");
    yes.obligations.shorten_lifetime_to = seconds(600);
    yes.obligations.labels = *labels;
    return yes;
  });
  Create create = request("jane");
  create.object.meta.annotations["csrflow.io/rotation"] = "renew";
  world.when("jane", create);
  world.when("jane", signature(world, "jane"));
  const LedgerEntry held = world.state("jane").ledger.back();
  const AnnounceRotation due{held.uid, held.serial, held.signed_at, 1};
  SECTION("still approved") {
    CHECK(happened<RotationDue, Created, Approved, Issuing>(world.when("jane", due)));
  }
  SECTION("approved by the same policy, with the labels that it has by then") {
    labels->emplace("tier", "web");
    REQUIRE(happened<RotationDue, Created, Approved, Issuing>(world.when("jane", due)));
    CHECK(world.state("jane.2").object->meta.labels.at("tier") == "web");
  }
  SECTION("left to a person since: as short as the approval that it inherits") {
    *silent = true;
    const auto events = world.when("jane", due);
    REQUIRE(happened<RotationDue, Created, Approved, Issuing>(events));
    CHECK(std::get<Issuing>((*events)[3]).not_after == world.now + seconds(600));
    CHECK(world.state("jane.2").obligations.shorten_lifetime_to == seconds(600));
  }
  SECTION("denied since") {
    *strict = true;
    CHECK(happened<RotationDue, Created, Denied, RotationFailed>(world.when("jane", due)));
  }
}

TEST_CASE("a signer that began to serve meanwhile signs what is approved from then on") {
  World world;
  Create create = request("jane");
  create.lifetime.reset();
  world.when("jane", create);
  const auto events = approves(world, "carol");
  REQUIRE(happened<Approved, Issuing>(events));
  CHECK(std::get<Approved>((*events)[0]).lifetime == seconds(3600));
}
