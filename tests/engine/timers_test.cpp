#include "tests/engine/office.hpp"

using namespace csrflow::test;

namespace {

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
  office.jump(seconds(-7200));
  office.scheduler->tick();
  office.jump(seconds(7200));
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
