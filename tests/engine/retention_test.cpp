#include "engine/retention.hpp"

#include <set>

#include "engine/cleaner.hpp"
#include "tests/catch.hpp"
#include "tests/engine/story.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/sha256.hpp"

namespace csrflow::test {
namespace {

const Timestamp noon = from_seconds(1'790'000'000);

CsrState request() {
  CsrState state;
  state.object = CsrObject{.meta = {}, .spec = std::make_shared<CsrSpec>(), .status = {}};
  state.object->meta.name = "jane";
  state.object->meta.uid.text = "u1";
  state.object->meta.creation = noon;
  return state;
}

CsrState with(const std::string& type, CsrState state = request()) {
  state.object->status.conditions.push_back({type, "True", {}, {}, noon + seconds(60), noon});
  return state;
}

CsrState issued(CsrState state) {
  state.object->status.certificate = "pem";
  LedgerEntry entry{};
  entry.uid.text = "u1";
  entry.not_after = noon + seconds(600);
  state.ledger.push_back(entry);
  return state;
}

TEST_CASE("csrcleaner's periods count from what happened last") {
  const auto kept = kubernetes_retention();
  CHECK(deletable_at(request(), kept) == noon + seconds(24 * 3600));
  CHECK(deletable_at(with("Denied"), kept) == noon + seconds(60 + 3600));
  CHECK(deletable_at(with("Failed"), kept) == noon + seconds(60 + 3600));
  CHECK(deletable_at(with("Approved"), kept) == noon + seconds(60 + 24 * 3600));
  CHECK(deletable_at(with("Failed", with("Approved")), kept) == noon + seconds(60 + 3600));
  // The certificate is over before the hour is.
  CHECK(deletable_at(issued(with("Approved")), kept) == noon + seconds(600));
}

TEST_CASE("what has no period stays") {
  CHECK_FALSE(deletable_at(request(), {}));
  CHECK_FALSE(deletable_at(issued(with("Approved")), {.pending = seconds(1), .denied = seconds(1)}));
  CHECK_FALSE(deletable_at(with("Checked"), kubernetes_retention()));
  CHECK_FALSE(deletable_at(CsrState{}, kubernetes_retention()));
  auto untimed = with("Denied");
  untimed.object->status.conditions.front().last_update = std::nullopt;
  CHECK_FALSE(deletable_at(untimed, kubernetes_retention()));
  auto going = with("Denied");
  going.object->meta.deletion = noon;
  CHECK_FALSE(deletable_at(going, kubernetes_retention()));
  CHECK(Retention{}.keeps_everything());
}

/// The names alone, as the cleaner asks for them.
struct Names final : ObjectViews, Follower {
  void committed(const std::shared_ptr<const Batch>& batch) override {
    for (const auto& record : *batch) {
      if (record.csr_after() && record.csr_after()->object) {
        names.insert(record.stamp.stream.name());
      } else {
        names.erase(record.stamp.stream.name());
      }
      head = record.stamp.position;
    }
  }
  Position position() const override { return head; }
  void when_reached(Position, std::move_only_function<void()> act) override { act(); }
  std::optional<ObjectRow> get(const std::string&, const std::string&) override { return std::nullopt; }
  ObjectList list(const ListQuery& query) override {
    ObjectList list{.position = head, .rows = {}};
    for (const auto& name : names) {
      if (name > query.name_after) list.rows.push_back({.resource = query.resource, .name = name});
    }
    return list;
  }
  std::set<std::string> names;
  Position head;
};

TEST_CASE("a request whose certificate still is to have a successor stays until its grace has ended") {
  World world;
  const auto issue = [&](const Create& create) -> const CsrState& {
    const std::string& name = create.object.meta.name;
    REQUIRE(happened<Created>(world.when(name, create)));
    REQUIRE(happened<Approved, Issuing>(world.when(name, approve(world, name))));
    REQUIRE(happened<Signed>(world.when(name, signature(world, name))));
    return world.state(name);
  };
  CHECK_FALSE(needed_until(issue(test::request("jane")), nullptr));
  const CsrState& web = issue(renewable("web"));
  const LedgerEntry held = web.ledger.front();
  CHECK(needed_until(web, nullptr) == held.not_after + (held.not_after - held.issued_at) + seconds(1));
  REQUIRE(happened<RotationDue, Created, Approved, Issuing>(
      world.when("web", AnnounceRotation{held.uid, held.serial, held.signed_at, 1})));
  CHECK(needed_until(world.state("web"), nullptr));
  REQUIRE(happened<Signed, Rotated>(world.when("web.2", signature(world, "web.2"))));
  CHECK_FALSE(needed_until(world.state("web"), nullptr));
  Create host = test::request("host");
  host.object.meta.labels[std::string(label::agent)] = "web-1";
  CHECK(needed_until(issue(host), nullptr));
}

TEST_CASE("a pass deletes what may go, as csrflow itself, and no more") {
  MemoryLog log;
  ManualClock clock;
  SeededRandom random;
  PaperIssuer issuer;
  Names views;
  Writer writer(
      log, clock, random, issuer, "csrflow test", {&views}, [](const std::string&) {}, sha256);
  for (const auto* name : {"old", "new"}) {
    Submission submission;
    submission.stream = csr_stream(name);
    auto object = *request().object;
    object.meta.name = name;
    object.meta.uid.text = std::string("uid-") + name;
    submission.command = CsrCommand(Create{.object = std::move(object), .lifetime = {}});
    REQUIRE(writer.call(std::move(submission)));
    clock.advance(seconds(100));
  }
  Cleaner cleaner(views, log, writer, clock, sha256, {.pending = seconds(150)},
                  [](const std::string& why) { FAIL(why); });
  CHECK(cleaner.between_passes() == seconds(150));
  CHECK(cleaner.pass() == 1);
  CHECK(views.names == std::set<std::string>{"new"});
  CHECK(log.all().back().type == "deleted");
  CHECK(log.all().back().context.find("csrflow:cleaner") != std::string::npos);
  CHECK(cleaner.pass() == 0);
  writer.stop();
}

}  // namespace
}  // namespace csrflow::test
