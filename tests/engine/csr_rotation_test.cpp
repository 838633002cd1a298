// How a certificate comes to its successor under a rotation policy: given events, when a command, then
// events.
#include "engine/csr_timers.hpp"
#include "tests/engine/story.hpp"

using namespace csrflow::test;

namespace {

/// One policy for everybody, in force since `since`.
struct OnePolicy final : StandingRules {
  RotationRules rules;
  Position since;
  Timestamp since_time;
  bool watched = false;
  std::string difference;

  RotationOrder order() const {
    return {.policy = "web",
            .hash = "aa",
            .rules = std::make_shared<const RotationRules>(rules),
            .since = since,
            .since_time = since_time};
  }
  std::optional<RotationOrder> named(std::string_view name, const CsrState&) const override {
    if (name != "named") return std::nullopt;
    RotationOrder other = order();
    other.policy = "named";
    return other;
  }
  std::optional<RotationOrder> matching(const CsrState&) const override {
    if (rules.mode == RotationMode::none && watched) return std::nullopt;
    return order();
  }
  bool expiry_is_watched(const CsrState&) const override { return watched; }
  std::string difference_of(const CsrState&, const CsrState&) const override { return difference; }
  Duration longest_lifetime() const override { return seconds(3600); }
};

struct Story {
  std::shared_ptr<OnePolicy> policy = std::make_shared<OnePolicy>();
  World world;

  explicit Story(RotationMode mode, RotationApproval approval = RotationApproval::inherit) {
    policy->rules.mode = mode;
    policy->rules.approval = approval;
    world.rules = policy;
    world.actor = {.user = "carol", .groups = {"admins"}, .by = Authentication::x509};
  }
  const LedgerEntry& issue(Create create) {
    const std::string name = create.object.meta.name;
    REQUIRE(happened<Created>(world.when(name, create)));
    REQUIRE(happened<Approved, Issuing>(world.when(name, approve(world, name))));
    REQUIRE(happened<Signed>(world.when(name, signature(world, name))));
    return held(name);
  }
  const LedgerEntry& held(const std::string& name) { return world.state(name).ledger.back(); }
  std::vector<Timer> timers(const std::string& name) {
    return timers_of_request(csr_stream(name), world.state(name), sha256, policy.get());
  }
  std::optional<Timer> timer(const std::string& name, TimerKind kind) {
    for (const Timer& t : timers(name))
      if (t.kind == kind) return t;
    return std::nullopt;
  }
  /// Goes to the timer's moment, and fires it as the scheduler does.
  std::expected<std::vector<CsrEvent>, Refusal> fire(const std::string& name, TimerKind kind) {
    const auto due = timer(name, kind);
    REQUIRE(due.has_value());
    world.now = std::max(world.now, due->due);
    const auto command = command_of(*due, world.state(name));
    REQUIRE(command.has_value());
    return world.when(name, *command);
  }
  Create successor(const std::string& name, const std::string& of) {
    Create create = request(name);
    create.object.meta.annotations[std::string(annotation::predecessor)] = of;
    return create;
  }
};

Create by_agent(const std::string& name) {
  Create create = request(name);
  create.object.meta.labels[std::string(label::agent)] = "web-1";
  return create;
}

const Alerted& alert(const std::expected<std::vector<CsrEvent>, Refusal>& events) {
  REQUIRE(events.has_value());
  return std::get<Alerted>(events->back());
}

}  // namespace

TEST_CASE("under a policy that renews, csrflow makes the successor alone, and says by which policy") {
  Story story(RotationMode::renew);
  story.issue(request("web"));
  const auto events = story.fire("web", TimerKind::rotate);
  REQUIRE(happened<RotationDue, Created, Approved, Issuing>(events));
  const auto& due = std::get<RotationDue>((*events)[0]);
  CHECK(due.policy == "web");
  CHECK(due.policy_hash == "aa");
  CHECK(due.mode == "renew");
  const auto& approved = std::get<Approved>((*events)[2]);
  CHECK(approved.inherited_from == "web");
  CHECK(approved.people == StringLists{{"carol", {"admins"}}});
  CHECK(happened<Signed, Rotated>(story.world.when("web.2", signature(story.world, "web.2"))));
  CHECK_FALSE(story.timer("web", TimerKind::rotate));
  CHECK_FALSE(story.timer("web", TimerKind::at_risk));
  // And so on, from generation to generation.
  CHECK(happened<RotationDue, Created, Approved, Issuing>(story.fire("web.2", TimerKind::rotate)));
  CHECK(story.world.state("web.3").predecessor->generation == 3);
  CHECK(story.world.state("web.3").predecessor->key_since == story.held("web").issued_at);
}

TEST_CASE("under `policy` and `people` the successor waits for its approval") {
  const auto approval = GENERATE(RotationApproval::policy, RotationApproval::people);
  Story story(RotationMode::renew, approval);
  story.issue(request("web"));
  REQUIRE(happened<RotationDue, Created>(story.fire("web", TimerKind::rotate)));
  CHECK(undecided(story.world.state("web.2")));
  CHECK(happened<Approved, Issuing>(story.world.when("web.2", approve(story.world, "web.2"))));
}

TEST_CASE("nothing is inherited of a successor that asks for something else, nor of broken glass") {
  Story story(RotationMode::renew);
  SECTION("something else") {
    story.issue(request("web"));
    story.policy->difference = "its names differ";
  }
  SECTION("broken glass") {
    story.world.when("web", request("web"));
    story.world.when("web",
                     BreakGlassApproval{story.world.state("web").object->meta.uid, "the shop is down"});
    story.world.when("web", signature(story.world, "web"));
  }
  CHECK(happened<RotationDue, Created>(story.fire("web", TimerKind::rotate)));
}

TEST_CASE("a key that is too old is not renewed: the host has to make another, and somebody hears of it") {
  Story story(RotationMode::renew);
  story.policy->rules.limits.max_key_age = seconds(60);
  SECTION("nobody looks after it") {
    story.issue(request("web"));
    const auto events = story.fire("web", TimerKind::rotate);
    REQUIRE(happened<RotationDue, Alerted>(events));
    CHECK(std::get<RotationDue>((*events)[0]).mode == "rekey");
    CHECK(std::get<RotationDue>((*events)[0]).mode_reason == "MaxKeyAge");
    CHECK(alert(events).alert == Notable::rotation_impossible);
  }
  SECTION("an agent does") {
    story.issue(by_agent("web"));
    CHECK(happened<RotationDue>(story.fire("web", TimerKind::rotate)));
  }
}

TEST_CASE("a host that is told to rekey makes the successor, which is linked, approved and shown") {
  Story story(RotationMode::rekey);
  story.issue(by_agent("web"));
  REQUIRE(happened<RotationDue>(story.fire("web", TimerKind::rotate)));
  REQUIRE(story.world.state("web").object->status.has(condition::rotation_due));
  const auto events = story.world.when("web-b", story.successor("web-b", "web"));
  REQUIRE(happened<Created, Approved, SuccessorCreated, Issuing>(events));
  CHECK(story.world.state("web-b").predecessor->generation == 2);
  CHECK_FALSE(story.world.state("web-b").predecessor->key_since);

  SECTION("a second one is refused while it is under way, and afterwards") {
    const auto refused = story.world.when("web-c", story.successor("web-c", "web"));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == Refusal::Kind::already_replaced);
    REQUIRE(happened<Signed, Rotated>(story.world.when("web-b", signature(story.world, "web-b"))));
    CHECK_FALSE(story.world.when("web-c", story.successor("web-c", "web")).has_value());
    CHECK_FALSE(story.world.state("web").object->status.has(condition::rotation_due));
    CHECK(story.world.state("web").object->meta.annotations.at("csrflow.io/successor") == "web-b");
  }
  SECTION("when it is deleted before it is signed, the rotation has failed and another may follow") {
    story.world.state("web-b").open_issues.clear();
    REQUIRE(happened<Deleted, RotationFailed>(story.world.when("web-b", Delete{})));
    CHECK(story.timer("web", TimerKind::rotate_retry));
    CHECK(happened<Created, Approved, SuccessorCreated, Issuing>(
        story.world.when("web-c", story.successor("web-c", "web"))));
  }
}

TEST_CASE("a host rotates on its own clock when the server was away") {
  Story story(RotationMode::rekey);
  story.issue(by_agent("web"));
  REQUIRE(happened<Created, Approved, SuccessorCreated, Issuing>(
      story.world.when("web-b", story.successor("web-b", "web"))));
  CHECK_FALSE(story.timer("web", TimerKind::rotate));
  CHECK(happened<Signed, Rotated>(story.world.when("web-b", signature(story.world, "web-b"))));
}

TEST_CASE("whoever else says that they follow a certificate only claims it") {
  Story story(RotationMode::rekey);
  story.issue(request("web"));
  Create mallory = story.successor("web-b", "web");
  CsrSpec spec = *mallory.object.spec;
  spec.username = "mallory";
  mallory.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  REQUIRE(happened<Created>(story.world.when("web-b", mallory)));
  CHECK(story.world.state("web-b").predecessor->claim);
  CHECK(story.timer("web", TimerKind::rotate));
  SECTION("it blocks nobody") {
    CHECK(happened<Created, Approved, SuccessorCreated, Issuing>(
        story.world.when("web-c", story.successor("web-c", "web"))));
  }
  SECTION("it counts once a person has approved it") {
    REQUIRE(happened<Approved, Issuing>(story.world.when("web-b", approve(story.world, "web-b"))));
    CHECK(happened<Signed, Rotated>(story.world.when("web-b", signature(story.world, "web-b"))));
  }
}

TEST_CASE("the certificate that a host shows is who it is, whatever it is called") {
  Story story(RotationMode::rekey);
  const std::string fingerprint = story.issue(request("web")).fingerprint;
  story.world.actor = {.user = "host:web", .by = Authentication::x509, .credential = "sha256:" + fingerprint};
  Create next = story.successor("web-b", "web");
  CsrSpec spec = *next.object.spec;
  spec.username = "host:web";
  next.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  CHECK(happened<Created, Approved, SuccessorCreated, Issuing>(story.world.when("web-b", next)));
}

TEST_CASE("what fires from an older version of the policy is refused, and the new one begins anew") {
  Story story(RotationMode::announce);
  const LedgerEntry held = story.issue(request("web"));
  const auto stale = story.timer("web", TimerKind::rotate);
  REQUIRE(happened<RotationDue>(story.fire("web", TimerKind::rotate)));
  CHECK_FALSE(story.timer("web", TimerKind::rotate));  // announced once

  story.policy->rules.mode = RotationMode::renew;
  story.policy->since = {1000};
  story.policy->since_time = story.world.now;
  const auto anew = story.timer("web", TimerKind::rotate);
  REQUIRE(anew);
  CHECK(anew->cause == Position{1000});
  CHECK(happened<>(story.world.when("web", *command_of(*stale, story.world.state("web")))));
  CHECK(happened<RotationDue, Created, Approved, Issuing>(story.fire("web", TimerKind::rotate)));
}

TEST_CASE("a policy that comes after the end of a certificate leaves it alone") {
  Story story(RotationMode::renew);
  const Timestamp end = story.issue(request("web")).not_after;
  story.policy->since = {1000};
  story.policy->since_time = end + seconds(1);
  CHECK_FALSE(story.timer("web", TimerKind::rotate));
  CHECK_FALSE(story.timer("web", TimerKind::at_risk));
  CHECK(story.timer("web", TimerKind::expire));
}

TEST_CASE("the policy that an approval names goes before the annotation, and that before what matches") {
  Story story(RotationMode::rekey);
  story.issue(renewable("web"));
  const CsrState& state = story.world.state("web");
  CHECK(rotation_order(state, state.ledger[0], story.policy.get())->policy ==
        "annotation csrflow.io/rotation");
  story.world.state("web").obligations.rotation_policy = "named";
  CHECK(rotation_order(state, state.ledger[0], story.policy.get())->policy == "named");
  story.world.state("web").obligations.rotation_policy = "gone";
  CHECK(rotation_order(state, state.ledger[0], story.policy.get())->policy ==
        "annotation csrflow.io/rotation");
}

TEST_CASE("a window that ends without a successor, and a life that nears its end, are told of once") {
  Story story(RotationMode::announce);
  story.policy->rules.alerts.notify = {"ops"};
  story.issue(request("web"));
  REQUIRE(happened<RotationDue>(story.fire("web", TimerKind::rotate)));
  const auto overdue = story.fire("web", TimerKind::rotate_overdue);
  REQUIRE(happened<Alerted>(overdue));
  CHECK(alert(overdue).alert == Notable::rotation_overdue);
  CHECK(alert(overdue).notify == std::vector<std::string>{"ops"});
  CHECK_FALSE(story.timer("web", TimerKind::rotate_overdue));
  const auto at_risk = story.fire("web", TimerKind::at_risk);
  REQUIRE(happened<Alerted>(at_risk));
  CHECK(alert(at_risk).alert == Notable::expiring);
  CHECK_FALSE(story.timer("web", TimerKind::at_risk));
}

TEST_CASE("an end without any rotation is told of where a sink wants to hear of it") {
  Story story(RotationMode::none);
  story.issue(request("web"));
  CHECK_FALSE(story.timer("web", TimerKind::at_risk));
  story.policy->watched = true;
  REQUIRE(happened<Alerted>(story.fire("web", TimerKind::at_risk)));
  CHECK_FALSE(story.timer("web", TimerKind::at_risk));
}

TEST_CASE("a rotation that fails is tried again, and given up after the grace") {
  Story story(RotationMode::renew);
  const LedgerEntry held = story.issue(request("web"));
  story.world.issuer.out_of_order = true;
  REQUIRE(happened<RotationDue, Created, Approved>(story.fire("web", TimerKind::rotate)));
  REQUIRE(happened<Deleted, RotationFailed>(story.world.when("web.2", Delete{})));
  const auto retry = story.timer("web", TimerKind::rotate_retry);
  REQUIRE(retry);
  CHECK(retry->cause == held.signed_at);
  CHECK(retry->attempt == 2);
  const auto again = story.fire("web", TimerKind::rotate_retry);
  REQUIRE(happened<RotationDue, Created, Approved>(again));
  CHECK(std::get<RotationDue>((*again)[0]).reason == "retry");
  // The last one fails when too little of the grace is left for another.
  story.world.now = held.not_after + (held.not_after - held.issued_at);
  const std::string last = story.held("web").rotation->successor;
  REQUIRE(happened<Deleted, RotationFailed>(story.world.when(last, Delete{})));
  CHECK_FALSE(story.timer("web", TimerKind::rotate_retry));
  const auto given_up = story.fire("web", TimerKind::give_up);
  REQUIRE(happened<Alerted>(given_up));
  CHECK(alert(given_up).alert == Notable::rotation_given_up);
  CHECK_FALSE(story.timer("web", TimerKind::give_up));
}

TEST_CASE("what the signer refuses for good is tried again late, or under another policy") {
  Story story(RotationMode::renew);
  const LedgerEntry held = story.issue(request("web"));
  REQUIRE(happened<RotationDue, Created, Approved, Issuing>(story.fire("web", TimerKind::rotate)));
  story.world.state("web").ledger[0].rotation->failed = story.world.now;
  story.world.state("web").ledger[0].rotation->lasting = true;
  story.policy->rules.retry.cap = seconds(300);
  CHECK(story.timer("web", TimerKind::rotate_retry)->due == story.world.now + seconds(300));
  story.policy->since = {1000};
  story.policy->since_time = story.world.now;
  CHECK(story.timer("web", TimerKind::rotate)->cause == Position{1000});
}

TEST_CASE("a host that does not act, or does not say that it installed, is told of, and when it is back") {
  Story story(RotationMode::rekey);
  Create create = by_agent("web");
  CsrSpec spec = *create.object.spec;
  spec.expiration_seconds = 86'400;
  create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  const LedgerEntry held = story.issue(create);
  const auto silent = story.timer("web", TimerKind::agent_silent);
  REQUIRE(silent);
  CHECK(silent->due == held.signed_time + Duration{86'401'000'000 / 10});
  REQUIRE(happened<Alerted>(story.fire("web", TimerKind::agent_silent)));
  const ReportInstallation report{.serial = held.serial, .host = "web-1", .place = "/etc/web"};
  const auto back = story.world.when("web", report);
  REQUIRE(happened<Installed, Alerted>(back));
  CHECK(alert(back).alert == Notable::agent_back);
  CHECK(happened<>(story.world.when("web", report)));  // said before
  REQUIRE(happened<RotationDue>(story.fire("web", TimerKind::rotate)));
  const auto again = story.fire("web", TimerKind::agent_silent);
  REQUIRE(happened<Alerted>(again));
  CHECK(alert(again).message.starts_with("the host has made no request for a successor"));
}

TEST_CASE("a host says what it could not install, and of which certificate") {
  Story story(RotationMode::rekey);
  const LedgerEntry held = story.issue(by_agent("web"));
  ReportInstallation report{.serial = held.serial, .host = "web-1", .place = "/etc/web"};
  report.installed = false;
  report.step = "probe";
  report.message = "the service shows the old one";
  report.rolled_back = true;
  REQUIRE(happened<InstallFailed>(story.world.when("web", report)));
  const Condition* shown = story.world.state("web").object->status.find(condition::installed);
  REQUIRE(shown);
  CHECK(shown->status == "False");
  CHECK(shown->reason == "RolledBack");
  report.serial.content += "x";
  CHECK(story.world.when("web", report).error().kind == Refusal::Kind::not_found);
}

TEST_CASE("a request that nobody decides lapses where its signer says so") {
  World world;
  world.issuer.gives_up_after = seconds(600);
  REQUIRE(happened<Created>(world.when("jane", request("jane"))));
  const Uid uid = world.state("jane").object->meta.uid;
  CHECK(happened<>(world.when("jane", Lapse{uid})));  // too early
  const auto timers = timers_of_request(csr_stream("jane"), world.state("jane"), sha256, nullptr);
  REQUIRE(timers.size() == 1);
  CHECK(timers[0].kind == TimerKind::lapse);
  world.now = timers[0].due;
  const auto events = world.when("jane", Lapse{uid});
  REQUIRE(happened<Denied>(events));
  CHECK(std::get<Denied>((*events)[0]).reason == "PendingTimeout");
  CHECK(happened<>(world.when("jane", Lapse{uid})));
}

TEST_CASE("a job rotates what it names, whatever the policy says, once") {
  Story story(RotationMode::none);
  const LedgerEntry held = story.issue(by_agent("web"));
  AnnounceRotation command{held.uid, held.serial, {500}, 1};
  command.job = "incident-7";
  SECTION("keys that are known to others are made anew") {
    command.key_compromised = true;
    command.mode = RotationMode::renew;
    const auto events = story.world.when("web", command);
    REQUIRE(happened<RotationDue>(events));
    const auto& due = std::get<RotationDue>((*events)[0]);
    CHECK(due.mode == "rekey");
    CHECK(due.reason == "emergency");
    CHECK(due.job == "incident-7");
    CHECK(story.world.state("web").object->status.find(condition::rotation_due)->reason == "Emergency");
  }
  SECTION("as it is asked to") {
    command.mode = RotationMode::rekey;
    REQUIRE(happened<RotationDue>(story.world.when("web", command)));
  }
  CHECK(happened<>(story.world.when("web", command)));
}

TEST_CASE("the CA says when it is time for each step of its roll-over, once") {
  OnePolicy rules;
  PaperIssuer issuer;
  AuthorityState state;
  const StreamId stream{"ca/aa"};
  const Timestamp begin = from_seconds(1'790'000'000);
  state.key = KeyCreated{};
  state = evolve(std::move(state),
                 CaIssued{.serial = {"1"},
                          .not_before = begin,
                          .not_after = begin + seconds(10LL * 365 * 86'400),
                          .fingerprint = "f",
                          .certificate = "PEM"},
                 {{7}, stream, {2}, begin, {}});
  const auto timers = timers_of(stream, State(state), sha256, &rules);
  REQUIRE(timers.size() == 3);
  for (const Timer& timer : timers) {
    Facts facts{.now = timer.due - seconds(1), .actor = {}, .issuer = issuer, .name_taken = {}};
    facts.rules = &rules;
    const auto command = std::get<AuthorityCommand>(*command_of(timer, State(state)));
    CHECK(decide(stream, state, command, facts)->empty());
    facts.now = timer.due;
    const auto events = decide(stream, state, command, facts);
    REQUIRE(events->size() == 1);
    state = evolve(std::move(state), events->front(), {{8}, stream, {3}, facts.now, {}});
    CHECK(decide(stream, state, command, facts)->empty());
  }
  CHECK(timers_of(stream, State(state), sha256, &rules).empty());
}
