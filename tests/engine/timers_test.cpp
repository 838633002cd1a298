#include "engine/rotation.hpp"
#include "engine/scheduler.hpp"
#include "tests/engine/story.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::test;

namespace {

/// The timers' view over a log in memory: folded anew at each question.
struct FoldedTimers : TimerSource {
  explicit FoldedTimers(MemoryLog& memory) : log(memory) {}
  void reach(Position) override {}
  std::vector<Timer> all() {
    std::map<std::string, bool> streams;
    for (const StoredEvent& e : log.all()) streams[e.stream.text] = true;
    std::vector<Timer> timers;
    for (const auto& [stream, there] : streams)
      for (Timer& t : timers_of({stream}, *state({stream}), sha256, nullptr)) timers.push_back(t);
    std::ranges::sort(timers, {}, &Timer::due);
    return timers;
  }
  std::vector<Timer> due(Timestamp now, std::size_t limit) override {
    auto timers = all();
    std::erase_if(timers, [&](const Timer& t) { return t.due > now; });
    if (timers.size() > limit) timers.resize(limit);
    return timers;
  }
  std::optional<Timestamp> next_after(Timestamp now) override {
    for (const Timer& t : all())
      if (t.due > now) return t.due;
    return std::nullopt;
  }
  std::shared_ptr<const State> state(const StreamId& stream) override {
    return std::make_shared<const State>(fold(stream, log.reader()->stream(stream)));
  }
  std::vector<Timer> unfinished() override {
    auto timers = all();
    std::erase_if(
        timers, [](const Timer& t) { return t.kind != TimerKind::sign && t.kind != TimerKind::resume_sign; });
    return timers;
  }
  MemoryLog& log;
};

/// A CA office without sockets, disks or sleeps.
struct Office {
  MemoryLog log;
  ManualClock clock;
  SeededRandom random;
  PaperIssuer issuer;
  std::vector<SigningTask> resumed;
  std::vector<DeliveryTask> deliveries;
  std::vector<std::string> complaints;
  std::unique_ptr<Writer> writer = std::make_unique<Writer>(
      log, clock, random, issuer, "test", std::vector<Follower*>{}, [](const std::string&) {}, sha256);
  std::unique_ptr<Scheduler> scheduler = std::make_unique<Scheduler>(
      std::make_unique<FoldedTimers>(log), *writer, clock, sha256,
      Scheduler::Workers{.sign = [this](SigningTask t) { resumed.push_back(std::move(t)); },
                         .deliver = [this](DeliveryTask t) { deliveries.push_back(std::move(t)); }},
      [this](const std::string& why) { complaints.push_back(why); });

  std::expected<Outcome, Refusal> call(const std::string& name, CsrCommand command) {
    return writer->call({csr_stream(name), Command(std::move(command)), {}, false, {}});
  }
  CsrState state(const std::string& name) {
    return std::get<CsrState>(fold(csr_stream(name), log.reader()->stream(csr_stream(name))));
  }
  void approve(const std::string& name) {
    Change change{.base = state(name).resource_version, .change = {}, .certificate = {}};
    change.change.conditions =
        std::vector<Condition>{{"Approved", "True", "Test", "", clock.now(), clock.now()}};
    REQUIRE(call(name, change).has_value());
  }
  void sign(const std::string& name) {
    auto s = state(name);
    REQUIRE(s.open_issues.size() == 1);
    REQUIRE(
        call(name, CompleteIssue{s.open_issues[0].issuing.uid, s.open_issues[0].issuing.serial, "PEM", "f"})
            .has_value());
  }
  std::vector<std::string> kinds(const std::string& name) {
    std::vector<std::string> found;
    for (const Timer& t : timers_of(csr_stream(name), State(state(name)), sha256, nullptr))
      found.emplace_back(name_of(t.kind));
    return found;
  }
  std::size_t count(std::string_view type) {
    auto all = log.all();
    return static_cast<std::size_t>(std::ranges::count(all, type, &StoredEvent::type));
  }
};

using Kinds = std::vector<std::string>;

}  // namespace

TEST_CASE("a request arms what its state makes due") {
  Office office;
  office.call("web", renewable("web"));
  CHECK(office.kinds("web") == Kinds{});
  office.approve("web");
  CHECK(office.kinds("web") == Kinds{"resume-sign"});
  office.sign("web");
  CHECK(office.kinds("web") == Kinds{"rotate", "rotate-overdue", "at-risk", "expire"});
  office.call("web", Delete{});
  CHECK(office.kinds("web") == Kinds{"expire"});
}

TEST_CASE("a certificate is renewed inside its window and expires after it, each once") {
  Office office;
  office.call("web", renewable("web"));
  office.approve("web");
  office.sign("web");
  LedgerEntry held = office.state("web").ledger[0];
  Window window = rotation_window({held.issued_at, held.not_after});

  office.clock.set(window.start - seconds(1));
  office.scheduler->tick();
  CHECK(office.count("rotation_due") == 0);
  office.clock.set(window.end);
  office.scheduler->tick();
  office.scheduler->tick();
  CHECK(office.count("rotation_due") == 1);
  office.sign("web.2");
  CHECK(office.count("rotated") == 1);

  office.clock.set(held.not_after + seconds(1));
  office.scheduler->tick();
  office.scheduler->tick();
  CHECK(office.count("expired") == 1);
}

TEST_CASE("the events of a renewal say that csrflow did it") {
  Office office;
  office.call("web", renewable("web"));
  office.approve("web");
  office.sign("web");
  office.clock.set(
      rotation_window({office.state("web").ledger[0].issued_at, office.state("web").ledger[0].not_after})
          .end);
  office.scheduler->tick();
  for (const StoredEvent& e : office.log.reader()->stream(csr_stream("web.2"))) {
    Context context = decode_context(e.context);
    CHECK(context.correlation == "csr/web@1");
    if (e.type == "created" || e.type == "approved") CHECK(context.actor.user == "csrflow:rotation");
  }
}

TEST_CASE("a failed renewal is tried again after its back-off") {
  Office office;
  office.call("web", renewable("web"));
  office.approve("web");
  office.sign("web");
  LedgerEntry held = office.state("web").ledger[0];
  office.clock.set(rotation_window({held.issued_at, held.not_after}).end);
  office.issuer.out_of_order = true;
  office.scheduler->tick();
  REQUIRE(office.count("rotation_due") == 1);
  REQUIRE(office.call("web.2", Delete{}).has_value());
  office.issuer.out_of_order = false;

  Duration wait = retry_wait(csr_stream("web"), held.serial, 1, held.not_after - office.clock.now(), sha256);
  office.clock.advance(wait - Duration{1});
  office.scheduler->tick();
  CHECK(office.count("rotation_due") == 1);
  office.clock.advance({1});
  office.scheduler->tick();
  CHECK(office.count("rotation_due") == 2);
  CHECK(office.state("web.2-2").open_issues.size() == 1);
}

TEST_CASE("after a crash the open signature is finished with the recorded bytes") {
  Office office;
  office.call("jane", request("jane"));
  office.approve("jane");
  office.scheduler->recover();
  REQUIRE(office.resumed.size() == 1);
  CHECK(office.resumed[0].tbs == "tbs of jane");
  CHECK(office.resumed[0].serial == office.state("jane").open_issues[0].issuing.serial);
  office.scheduler->tick();
  CHECK(office.resumed.size() == 1);  // not handed over twice while the signer works
}

TEST_CASE("an approved request whose signer was out of order is signed when it is back") {
  Office office;
  office.issuer.out_of_order = true;
  office.call("jane", request("jane"));
  office.approve("jane");
  CHECK(office.kinds("jane") == Kinds{"sign"});
  office.scheduler->tick();
  REQUIRE(office.complaints.size() == 1);
  CHECK(office.complaints[0].find("the CA has expired") != std::string::npos);
  office.issuer.out_of_order = false;
  office.scheduler->tick();
  CHECK(office.count("issuing") == 0);  // it waits its back-off
  office.clock.advance(seconds(40));
  office.scheduler->tick();
  CHECK(office.count("issuing") == 1);
}

TEST_CASE("days of downtime are caught up, the truth about validity first") {
  Office office;
  office.call("web", renewable("web"));
  office.approve("web");
  office.sign("web");
  office.clock.set(office.state("web").ledger[0].not_after + seconds(60));
  office.scheduler->tick();
  auto events = office.log.reader()->stream(csr_stream("web"));
  REQUIRE(events.size() == 8);
  CHECK(events[4].type == "expired");
  CHECK(events[5].type == "rotation_due");
  CHECK(events[6].type == "alerted");
  CHECK(events[7].type == "alerted");
}

TEST_CASE("while the clock is behind the log nothing is signed") {
  Office office;
  office.clock.advance(seconds(400 * 24 * 3600));
  office.call("early", request("early"));
  office.clock.advance(seconds(-400 * 24 * 3600));
  office.call("jane", request("jane"));
  office.approve("jane");
  CHECK(office.kinds("jane") == Kinds{"sign"});
  office.scheduler->tick();
  CHECK(office.count("issuing") == 0);
  office.clock.advance(seconds(400 * 24 * 3600));
  office.scheduler->tick();
  CHECK(office.count("issuing") == 1);
}

TEST_CASE("a clock that jumps back fires nothing twice") {
  Office office;
  office.call("jane", request("jane"));
  office.approve("jane");
  office.sign("jane");
  office.clock.set(office.state("jane").ledger[0].not_after + seconds(1));
  office.scheduler->tick();
  office.clock.advance(seconds(-7200));
  office.scheduler->tick();
  office.clock.advance(seconds(7200));
  office.scheduler->tick();
  CHECK(office.count("expired") == 1);
}

TEST_CASE("csrflow's own certificate is renewed over the log too") {
  Office office;
  StreamId own = stream_of("own", "server");
  auto issue = [&](std::optional<Serial> replaces) {
    return office.writer->call({own, Command(OwnCommand(IssueOwn{std::move(replaces)})), {}, false, {}});
  };
  auto state = [&] { return std::get<OwnState>(fold(own, office.log.reader()->stream(own))); };
  auto complete = [&] {
    return office.writer->call(
        {own, Command(OwnCommand(CompleteOwn{state().issuing->serial, "PEM", "f"})), {}, false, {}});
  };
  REQUIRE(issue(std::nullopt)->records.size() == 1);
  REQUIRE(complete()->records.size() == 1);
  CHECK(issue(std::nullopt)->records.empty());

  office.clock.advance(seconds(2700));
  office.scheduler->tick();
  REQUIRE(state().issuing.has_value());
  CHECK(complete()->records.size() == 2);  // signed, and the old one rotated
  office.clock.advance(seconds(901));
  office.scheduler->tick();
  CHECK(state().held.size() == 1);
}
