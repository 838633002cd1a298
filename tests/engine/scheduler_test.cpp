// What is due fires once, in its order and under its caps: over restarts, jumps of the clock, days of
// downtime and signers that fail.
#include "tests/engine/office.hpp"

using namespace csrflow::test;

namespace {

constexpr Duration day = seconds(86'400);

/// One rotation policy for everybody.
struct OnePolicy : StandingRules {
  explicit OnePolicy(RotationRules wanted)
      : rules(std::make_shared<const RotationRules>(std::move(wanted))) {}
  std::optional<RotationOrder> named(std::string_view, const CsrState&) const override { return {}; }
  std::optional<RotationOrder> matching(const CsrState&) const override {
    return RotationOrder{.policy = "all", .hash = "aa", .rules = rules, .since = {}, .since_time = {}};
  }
  bool expiry_is_watched(const CsrState&) const override { return false; }
  std::string difference_of(const CsrState&, const CsrState&) const override { return {}; }
  Duration longest_lifetime() const override { return seconds(90 * 86'400); }
  std::shared_ptr<const RotationRules> rules;
};

RotationRules renewing() {
  RotationRules rules;
  rules.mode = RotationMode::renew;
  rules.approval = RotationApproval::inherit;
  return rules;
}
std::shared_ptr<const StandingRules> policy(RotationRules rules) {
  return std::make_shared<const OnePolicy>(std::move(rules));
}

Timestamp end_of_window(const LedgerEntry& held) {
  return rotation_window({held.issued_at, held.not_after}).end;
}
void reach(Office& office, Timestamp t) {
  office.pass(t - office.clock.now());
}
std::string name(int i) {
  return "web-" + std::to_string(i);
}

}  // namespace

// ---- the clock ----------------------------------------------------------------------------------

TEST_CASE("a clock that goes forward by mistake and is set right again has fired nothing") {
  Office office;
  const LedgerEntry held = office.certificate("web", renewable("web"));
  office.tick();
  office.jump(seconds(30 * 86'400));
  office.tick();
  CHECK(office.complained_of("the clock went forward by 30d"));
  office.pass(seconds(30));
  office.jump(seconds(-30 * 86'400));
  office.tick();
  CHECK(office.count("expired") == 0);
  CHECK(office.count("rotation_due") == 0);
  CHECK(office.notes<Resumed>().empty());

  reach(office, end_of_window(held));
  office.tick();
  CHECK(office.count("rotation_due") == 1);
}

TEST_CASE("a clock that went forward fires after a minute what it made due, and the log says so") {
  Office office;
  office.certificate("web", renewable("web"));
  office.tick();
  const Timestamp before = office.clock.now();
  office.jump(seconds(2 * 3600));
  office.tick();
  office.pass(seconds(59));
  office.tick();
  CHECK(office.count("expired") == 0);
  office.pass(seconds(1));
  office.tick();
  CHECK(office.count("expired") == 1);
  const auto notes = office.notes<Resumed>();
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].why == "clock");
  CHECK(notes[0].last_seen == before);
  CHECK(notes[0].due.at("expire") == "1");
}

TEST_CASE("what the kernel says of its clock is told with the jump") {
  Office office;
  office.synchronised = false;
  office.tick();
  office.jump(seconds(2 * 3600));
  office.tick();
  CHECK(office.complained_of("NOT synchronised"));
}

TEST_CASE("during the minute after a jump open signatures are finished") {
  Office office;
  office.call("jane", request("jane"));
  office.approve("jane");
  office.tick();
  office.jump(seconds(2 * 3600));
  office.tick();
  CHECK(office.resumed.size() == 1);
}

TEST_CASE("a clock that is set back and forth fires nothing twice and loses nothing") {
  Office office;
  const LedgerEntry held = office.certificate("web", renewable("web"));
  office.tick();
  for (const std::int64_t hours : {-24, 24, -2, 2, -1, 1}) {
    office.jump(seconds(hours * 3600));
    office.tick();
    office.pass(seconds(61));
    office.tick();
  }
  reach(office, end_of_window(held));
  office.tick();
  CHECK(office.count("rotation_due") == 1);
  office.jump(seconds(-1800));
  office.tick();
  office.jump(seconds(1800));
  office.tick();
  CHECK(office.count("rotation_due") == 1);
  office.sign("web.2");
  reach(office, held.not_after + seconds(1));
  office.tick();
  CHECK(office.count("expired") == 1);
}

// ---- starts -------------------------------------------------------------------------------------

TEST_CASE("a start after days says what was late; a start with nothing late leaves no trace") {
  Office office;
  const LedgerEntry held = office.certificate("web", renewable("web"));
  office.stop();
  office.pass(seconds(61));
  office.open();
  office.scheduler->recover();
  CHECK(office.notes<Resumed>().empty());

  office.stop();
  const Timestamp last = office.last_recorded();
  office.pass(seconds(3 * 86'400));
  office.open();
  // What a start itself writes does not hide how long it was away.
  REQUIRE(office.call("jane", request("jane")));
  office.scheduler->recover();
  const auto notes = office.notes<Resumed>();
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].why == "start");
  CHECK(notes[0].last_seen == last);
  CHECK(notes[0].due.at("rotate") == "1");
  office.tick();
  CHECK(office.count("expired") == 1);
}

TEST_CASE("over restarts each alert and each rotation happens once") {
  Office office;
  const LedgerEntry held = office.certificate("web", renewable("web"));
  for (const Timestamp t : {end_of_window(held), held.not_after - seconds(60), held.not_after + seconds(2)}) {
    reach(office, t);
    for (int restart = 0; restart < 2; ++restart) {
      office.stop();
      office.open();
      office.scheduler->recover();
      office.tick();
    }
  }
  CHECK(office.count("rotation_due") == 1);
  CHECK(office.count("alerted") == 2);  // overdue and at risk
  CHECK(office.count("expired") == 1);
}

// ---- signers ------------------------------------------------------------------------------------

TEST_CASE("a signer that fails is probed, not stormed, and all goes to it when it works again") {
  Office office;
  office.issuer.out_of_order = true;
  for (int i = 0; i < 20; ++i) {
    office.call(name(i), request(name(i)));
    office.approve(name(i));
  }
  office.tick();
  CHECK(office.complained_of("signer kubernetes.io/kube-apiserver-client failed 3 times"));
  const std::size_t complaints = office.complaints.size();
  office.pass(seconds(1));
  office.tick();
  CHECK(office.complaints.size() == complaints);

  office.issuer.out_of_order = false;
  office.pass(seconds(3600));
  office.tick();
  REQUIRE(office.count("issuing") >= 1);
  CHECK(office.count("issuing") < 20);
  for (int i = 0; i < 20; ++i)
    if (!office.state(name(i)).open_issues.empty()) office.sign(name(i));
  office.tick();
  CHECK(office.count("issuing") == 20);
}

TEST_CASE("nothing is rotated at a signer that fails") {
  Office office;
  const LedgerEntry held = office.certificate("web", renewable("web"));
  office.issuer.out_of_order = true;
  for (int i = 0; i < 5; ++i) {
    office.call(name(i), request(name(i)));
    office.approve(name(i));
  }
  reach(office, end_of_window(held) - seconds(300));
  office.tick();
  office.pass(seconds(300));
  office.tick();
  CHECK(office.count("rotation_due") == 0);
  office.issuer.out_of_order = false;
  office.pass(seconds(600));
  office.tick();
  for (int i = 0; i < 5; ++i)
    if (!office.state(name(i)).open_issues.empty()) office.sign(name(i));
  office.tick();
  CHECK(office.count("rotation_due") == 1);
}

// ---- rotations ----------------------------------------------------------------------------------

TEST_CASE("rotations begin under their caps, those that end first before the others") {
  RotationRules rules = renewing();
  rules.limits.per_signer = {.limit = 1, .period = seconds(10), .burst = 2};
  Office office(policy(rules));
  std::vector<LedgerEntry> held;
  for (int i = 0; i < 6; ++i) {
    held.push_back(office.certificate(name(i), request(name(i))));
    office.pass(seconds(1));
  }
  reach(office, held.back().not_after - seconds(600));
  office.tick();
  CHECK(office.count("rotation_due") == 2);
  CHECK(office.state(name(0)).ledger[0].rotation);
  CHECK(office.state(name(1)).ledger[0].rotation);
  office.pass(seconds(10));
  office.tick();
  CHECK(office.count("rotation_due") == 3);
  CHECK(office.state(name(2)).ledger[0].rotation);
  office.pass(seconds(60));
  office.tick();
  office.tick();
  CHECK(office.count("rotation_due") == 5);  // the burst again
}

TEST_CASE("so many are under way at once, and one that waits for a person frees its place after a minute") {
  RotationRules rules = renewing();
  rules.approval = RotationApproval::people;
  rules.limits.in_flight = 2;
  Office office(policy(rules));
  std::vector<LedgerEntry> held;
  for (int i = 0; i < 4; ++i) held.push_back(office.certificate(name(i), request(name(i))));
  reach(office, end_of_window(held.back()));
  office.tick();
  CHECK(office.count("rotation_due") == 2);
  office.pass(seconds(59));
  office.tick();
  CHECK(office.count("rotation_due") == 2);
  office.pass(seconds(1));
  office.tick();
  CHECK(office.count("rotation_due") == 4);
}

TEST_CASE("a place is free when the successor is signed") {
  RotationRules rules = renewing();
  rules.limits.in_flight = 1;
  Office office(policy(rules));
  std::vector<LedgerEntry> held;
  for (int i = 0; i < 3; ++i) held.push_back(office.certificate(name(i), request(name(i))));
  reach(office, end_of_window(held.back()));
  office.tick();
  for (std::size_t begun = 1; begun <= 3; ++begun) {
    CHECK(office.count("rotation_due") == begun);
    for (int i = 0; i < 3; ++i)
      if (const auto open = office.state(name(i) + ".2").open_issues; !open.empty())
        office.sign(name(i) + ".2");
    office.tick();
  }
  CHECK(office.count("rotated") == 3);
}

TEST_CASE("a cap that is too low for what waits is told of once, with the rate that would do") {
  RotationRules rules = renewing();
  rules.limits.per_signer = {.limit = 1, .period = seconds(3600), .burst = 1};
  Office office(policy(rules));
  LedgerEntry held;
  for (int i = 0; i < 8; ++i) held = office.certificate(name(i), request(name(i)));
  reach(office, end_of_window(held));
  office.tick();
  office.pass(seconds(1));
  office.tick();
  const auto notes = office.notes<AlertsSummarised>();
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].alert == Notable::cap_too_low);
  CHECK(notes[0].count == 7);
  CHECK(notes[0].message.find("set perSigner") != std::string::npos);
}

// ---- news ---------------------------------------------------------------------------------------

TEST_CASE("more than a hundred alerts of a kind at once are told of together") {
  RotationRules rules;  // mode announce: the alerts only
  Office office(policy(rules));
  LedgerEntry held;
  for (int i = 0; i < 101; ++i) held = office.certificate(name(i), request(name(i)));
  reach(office, held.not_after - seconds(60));
  office.tick();
  std::size_t at_risk = 0;
  for (const auto& note : office.notes<AlertsSummarised>()) {
    if (note.alert != Notable::expiring) continue;
    ++at_risk;
    CHECK(note.count == 101);
    CHECK(note.examples.size() == 5);
  }
  CHECK(at_risk == 1);
  for (const StoredEvent& e : office.log.reader()->stream(csr_stream(name(7)))) {
    if (e.type != "alerted") continue;
    const Event event = decode(e);
    CHECK(std::get<Alerted>(std::get<CsrEvent>(event)).summarised);
  }
}

TEST_CASE("a hundred are told of one by one") {
  RotationRules rules;
  Office office(policy(rules));
  LedgerEntry held;
  for (int i = 0; i < 100; ++i) held = office.certificate(name(i), request(name(i)));
  reach(office, held.not_after - seconds(60));
  office.tick();
  CHECK(office.notes<AlertsSummarised>().empty());
  CHECK(office.count("alerted") >= 100);
}

TEST_CASE("a notification is handed over once while it is carried, and again after its failure's wait") {
  Office office;
  const StreamId stream = delivery_stream("ops", {1});
  const auto send = [&](DeliveryCommand command) {
    REQUIRE(office.writer->call({stream, Command(std::move(command)), {}, false, {}}));
  };
  send(QueueDelivery{.sink = "ops", .notification = {}});
  office.tick();
  office.pass(seconds(60));
  office.tick();
  REQUIRE(office.deliveries.size() == 1);
  send(RecordDeliveryFailed{.attempt = 1, .message = "connection refused"});
  office.tick();
  CHECK(office.deliveries.size() == 1);
  office.pass(seconds(12));
  office.tick();
  REQUIRE(office.deliveries.size() == 2);
  CHECK(office.deliveries[1].attempt == 2);
  send(RecordDelivered{.attempt = 2});
  office.pass(seconds(600));
  office.tick();
  CHECK(office.deliveries.size() == 2);
}

TEST_CASE("a slow receiver has so many notifications at once, and others have theirs meanwhile") {
  Office office;
  for (std::uint64_t i = 1; i <= 80; ++i)
    office.writer->call({delivery_stream("slow", {i}),
                         Command(DeliveryCommand(QueueDelivery{.sink = "slow", .notification = {}})),
                         {},
                         false,
                         {}});
  office.writer->call({delivery_stream("ops", {1}),
                       Command(DeliveryCommand(QueueDelivery{.sink = "ops", .notification = {}})),
                       {},
                       false,
                       {}});
  office.tick();
  CHECK(std::ranges::count(office.deliveries, "slow", &DeliveryTask::sink) == 64);
  CHECK(std::ranges::count(office.deliveries, "ops", &DeliveryTask::sink) == 1);
}

// ---- waiting ------------------------------------------------------------------------------------

TEST_CASE("a look with nothing due reads no state") {
  Office office;
  for (int i = 0; i < 10; ++i) office.certificate(name(i), renewable(name(i)));
  office.tick();
  const std::size_t before = office.view->states_read;
  office.pass(seconds(1));
  office.tick();
  CHECK(office.view->states_read == before);
}

TEST_CASE("of many things that have to wait a few are told, and how many there were") {
  std::vector<std::string> told;
  Complaints complaints([&](const std::string& why) { told.push_back(why); });
  for (int i = 0; i < 1'000; ++i) complaints.say("no", seconds(100));
  CHECK(told.size() == Complaints::a_minute);
  complaints.begin_minute(seconds(161));
  REQUIRE(told.size() == Complaints::a_minute + 1);
  CHECK(told.back().find("980 further") != std::string::npos);
}
