#include "policies/sink_book.hpp"

#include "engine/delivery.hpp"
#include "policies/sink_news.hpp"
#include "tests/policies/past_office.hpp"

using namespace csrflow;
using namespace csrflow::policies;
using namespace csrflow::policies::test;
using engine::Notable;
using engine::seconds;
using Texts = std::vector<std::string>;

namespace {

std::string sink(const std::string& name, const std::string& spec) {
  return "apiVersion: csrflow.io/v1\nkind: NotificationSink\nmetadata: { name: " + name + " }\nspec: { " +
         spec + (spec.empty() ? "" : ", ") + "command: { argv: [/usr/local/bin/" + name + "] } }";
}
constexpr auto everybody =
    "apiVersion: csrflow.io/v1\nkind: ApprovalPolicy\nmetadata: { name: everybody }\n"
    "spec: { match: { signerNames: [kubernetes.io/*] }, outcome: approve }";

/// What the outbox got since the last look: `<sink>: <title>`.
class Outbox {
 public:
  explicit Outbox(PastOffice& office) : office_(office) {}
  std::vector<engine::Queued> all() {
    std::vector<engine::Queued> news;
    engine::RecordReader records(office_.log.reader(), seen_);
    for (const engine::Record& record : records.next(1'000)) {
      seen_ = record.stamp.position;
      if (const auto* event = std::get_if<engine::DeliveryEvent>(record.event.get()))
        if (const auto* queued = std::get_if<engine::Queued>(event)) news.push_back(*queued);
    }
    return news;
  }
  Texts titles() {
    Texts lines;
    for (const engine::Queued& queued : all())
      lines.push_back(queued.sink + ": " + queued.notification.title);
    return lines;
  }

 private:
  PastOffice& office_;
  engine::Position seen_;
};

/// The record that an event makes of a stream's state.
engine::Record record_of(const engine::StreamId& stream, engine::Event event) {
  auto before = std::make_shared<const engine::State>(engine::initial_state(stream));
  return engine::make_record({{7}, stream, {1}, engine::from_seconds(1'790'000'000), {}},
                             std::make_shared<const engine::Context>(), std::move(event), std::move(before));
}

}  // namespace

TEST_CASE("a denial is told to the sinks that ask for it, in the transaction that denies") {
  PastOffice office;
  Outbox outbox(office);
  office.apply(sink("ops", ""));
  office.apply(sink("night", "events: [expiring]"));
  office.ask("web-1");
  office.speaks("carol", "web-1", engine::condition::denied);
  const auto news = outbox.all();
  REQUIRE(news.size() == 1);
  const engine::Queued& queued = news.front();
  CHECK(queued.sink == "ops");
  CHECK(queued.notification.kind == Notable::denied);
  CHECK(queued.notification.title == "web-1 was denied");
  CHECK(queued.notification.text ==
        "By carol. The signer is kubernetes.io/web, the requester alice. `kubectl describe csr web-1` shows "
        "it.");
  CHECK(queued.notification.stream == "csr/web-1");
  CHECK(queued.notification.id == "ops/" + std::to_string(queued.notification.position.value));
  CHECK(queued.base == seconds(10));
  CHECK(queued.cap == seconds(3'600));
  CHECK(queued.attempts == 20);
}

TEST_CASE("a sink hears of the certificates that it matches") {
  PastOffice office;
  Outbox outbox(office);
  office.apply(sink("shop", "match: { dns: ['*.shop.example.com'] }"));
  office.apply(sink("org", "match: { dns: ['*.example.org'] }"));
  office.apply(sink("alice", "match: { requesters: { users: [alice] } }"));
  office.ask("web-1");
  office.speaks("carol", "web-1", engine::condition::denied);
  CHECK(outbox.titles() == Texts{"alice: web-1 was denied", "shop: web-1 was denied"});
}

TEST_CASE("who is named by the approval or the rotation policy hears of it whatever the sink asks for") {
  PastOffice office;
  Outbox outbox(office);
  office.apply(everybody);
  office.apply(sink("night", "events: [ca-ending]"));
  office.apply(
      "apiVersion: csrflow.io/v1\nkind: RotationPolicy\nmetadata: { name: web }\n"
      "spec: { mode: announce, alerts: { notify: [night, nobody] } }");
  office.ask("web-1");
  office.sign("web-1");
  const engine::CsrState web = office.state("web-1");
  const engine::LedgerEntry& held = web.ledger.at(0);
  office.command("web-1", engine::RaiseAlert{held.uid, held.serial, Notable::expiring, held.signed_at});
  CHECK(outbox.titles() ==
        Texts{"night: web-1 expires " + engine::rfc3339_seconds(held.not_after) + " and has no successor"});
}

TEST_CASE("an alert that is told of together with others is not told of by itself") {
  PastOffice office;
  Outbox outbox(office);
  office.apply(everybody);
  office.apply(sink("ops", ""));
  office.ask("web-1");
  office.sign("web-1");
  const engine::LedgerEntry held = office.state("web-1").ledger.at(0);
  office.command("web-1", engine::RaiseAlert{held.uid, held.serial, Notable::expiring, held.signed_at, true});
  CHECK(outbox.titles().empty());
}

TEST_CASE("what somebody else has to rotate is told as such; csrflow's own rotations are not") {
  for (const std::string mode : {"announce", "renew"}) {
    PastOffice office;
    Outbox outbox(office);
    office.apply(everybody);
    office.apply(sink("ops", "events: [rotation-due]"));
    office.apply("apiVersion: csrflow.io/v1\nkind: RotationPolicy\nmetadata: { name: web }\nspec: { mode: " +
                 mode + " }");
    office.ask("web-1");
    office.sign("web-1");
    const engine::LedgerEntry held = office.state("web-1").ledger.at(0);
    office.command("web-1", engine::AnnounceRotation{held.uid, held.serial, held.signed_at});
    REQUIRE(office.state("web-1").ledger.at(0).rotation.has_value());
    CHECK(outbox.titles() == (mode == "announce" ? Texts{"ops: web-1 is due for its rotation; it expires " +
                                                         engine::rfc3339_seconds(held.not_after)}
                                                 : Texts{}));
  }
}

TEST_CASE("a CA's end, a job that pauses by itself and alerts told together pass every match") {
  PastOffice office;
  office.apply(sink("shop", "match: { dns: ['*.shop.example.com'] }"));
  const auto wanted = [&](const char* stream, engine::Event event) {
    return office.sinks.wanted(record_of({stream}, std::move(event)));
  };
  const auto ca = wanted("ca/aa", engine::AuthorityEvent(engine::RolloverDue{
                                      engine::RolloverStep::prepare, {}, "The CA ends soon."}));
  REQUIRE(ca.size() == 1);
  CHECK(ca[0].notification.title == "the CA's roll-over is due: prepare");
  CHECK(ca[0].notification.text == "The CA ends soon.");
  const auto paused = wanted("job/all", engine::JobEvent(engine::JobPaused{"", "3 of 100 failed"}));
  REQUIRE(paused.size() == 1);
  CHECK(paused[0].notification.title == "the job all has paused and asks");
  CHECK(wanted("job/all", engine::JobEvent(engine::JobPaused{"jane", "lunch"})).empty());
  const auto many = wanted(
      "log/events", engine::LogEvent(engine::AlertsSummarised{Notable::expiring,
                                                              4'711,
                                                              *engine::parse_rfc3339("2026-03-03T09:00:00Z"),
                                                              {"csr/web-1", "csr/web-2"},
                                                              ""}));
  REQUIRE(many.size() == 1);
  CHECK(many[0].notification.title == "4711 certificates: expiring; the first ends 2026-03-03T09:00:00Z");
  CHECK(many[0].notification.text == "Among them csr/web-1, csr/web-2.");
}

TEST_CASE("where news go is known as of now") {
  PastOffice office;
  CHECK_FALSE(office.sinks.destination_of("ops"));
  office.apply(sink("ops", ""));
  CHECK(std::get<engine::LocalCommand>(*office.sinks.destination_of("ops")).argv ==
        Texts{"/usr/local/bin/ops"});
  const SinkBook read(*office.log.reader(), office.reader);
  CHECK(read.destination_of("ops") == office.sinks.destination_of("ops"));
  office.remove("NotificationSink", "ops");
  CHECK_FALSE(office.sinks.destination_of("ops"));
}
