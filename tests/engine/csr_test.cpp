#include "tests/engine/story.hpp"

using namespace csrflow::test;
using Kind = Refusal::Kind;

namespace {

Kind kind_of(const std::expected<std::vector<CsrEvent>, Refusal>& got) {
  REQUIRE_FALSE(got.has_value());
  return got.error().kind;
}

World with_signed(const Create& create) {
  World world;
  const std::string& name = create.object.meta.name;
  REQUIRE(happened<Created>(world.when(name, create)));
  REQUIRE(happened<Approved, Issuing>(world.when(name, approve(world, name))));
  REQUIRE(happened<Signed>(world.when(name, signature(world, name))));
  return world;
}

const LedgerEntry& certificate(World& world, const std::string& name) {
  return world.state(name).ledger.back();
}

AnnounceRotation rotation_of(World& world, const std::string& name, std::uint32_t attempt = 1) {
  const LedgerEntry& held = certificate(world, name);
  return {held.uid, held.serial, held.signed_at, attempt};
}

}  // namespace

TEST_CASE("a request is accepted once") {
  World world;
  CHECK(happened<Created>(world.when("jane", request("jane"))));
  CHECK(kind_of(world.when("jane", request("jane"))) == Kind::already_exists);
}

TEST_CASE("an approved request is signed from what was recorded before the key was used") {
  World world;
  world.when("jane", request("jane"));
  auto approved = world.when("jane", approve(world, "jane"));
  REQUIRE(happened<Approved, Issuing>(approved));
  const auto& issuing = std::get<Issuing>((*approved)[1]);
  CHECK(issuing.clock == world.now);
  CHECK(issuing.not_after == world.now + seconds(3600));

  auto signed_now = world.when("jane", signature(world, "jane"));
  REQUIRE(happened<Signed>(signed_now));
  CHECK(std::get<Signed>((*signed_now)[0]).serial == issuing.serial);
  CHECK(world.state("jane").object->status.certificate == "PEM of jane");
}

TEST_CASE("a signature that comes twice, or for another serial, does nothing") {
  World world;
  world.when("jane", request("jane"));
  world.when("jane", approve(world, "jane"));
  CompleteIssue good = signature(world, "jane");
  CompleteIssue other = good;
  other.serial.content += "x";
  CHECK(happened<>(world.when("jane", other)));
  CHECK(happened<Signed>(world.when("jane", good)));
  CHECK(happened<>(world.when("jane", good)));
}

TEST_CASE("an approved request is never denied, and a decision does not go away") {
  World world;
  world.when("jane", request("jane"));
  world.when("jane", approve(world, "jane"));
  CHECK(kind_of(world.when("jane", deny(world, "jane"))) == Kind::already_decided);
  Change undecided{.base = world.state("jane").resource_version, .change = {}, .certificate = {}};
  undecided.change.conditions = std::vector<Condition>{};
  CHECK(kind_of(world.when("jane", undecided)) == Kind::already_decided);
}

TEST_CASE("a denied request is never signed") {
  World world;
  world.when("jane", request("jane"));
  CHECK(happened<Denied>(world.when("jane", deny(world, "jane"))));
  CHECK(happened<>(world.when("jane", BeginIssue{world.state("jane").object->meta.uid})));
}

TEST_CASE("what the profile refuses fails with the reason, beside the approval") {
  World world;
  world.when("web", request("web", {"server auth"}));
  auto done = world.when("web", approve(world, "web"));
  REQUIRE(happened<Approved, Failed>(done));
  CHECK(std::get<Failed>((*done)[1]).message == "invalid usage for client certificate: server auth");
  const CsrStatus& status = world.state("web").object->status;
  CHECK(status.has(condition::approved));
  CHECK(status.has(condition::failed));
  CHECK_FALSE(awaits_signature(world.state("web")));
}

TEST_CASE("when the signer cannot sign now, the approval stands and the signature waits") {
  World world;
  world.issuer.out_of_order = true;
  world.when("jane", request("jane"));
  CHECK(happened<Approved>(world.when("jane", approve(world, "jane"))));
  CHECK(awaits_signature(world.state("jane")));
  BeginIssue again{world.state("jane").object->meta.uid};
  CHECK(kind_of(world.when("jane", again)) == Kind::unavailable);
  world.issuer.out_of_order = false;
  CHECK(happened<Issuing>(world.when("jane", again)));
}

TEST_CASE("a foreign signer's request waits for the foreign signer") {
  World world;
  Create create = request("custom");
  CsrSpec spec = *create.object.spec;
  spec.signer_name = {"example.com/custom"};
  create.object.spec = std::make_shared<const CsrSpec>(std::move(spec));
  create.lifetime.reset();
  world.when("custom", create);
  CHECK(happened<Approved>(world.when("custom", approve(world, "custom"))));
  CHECK_FALSE(awaits_signature(world.state("custom")));
  Change certificate{.base = world.state("custom").resource_version,
                     .change = {},
                     .certificate = CertificateFacts{{"s"}, {}, {}, "f"}};
  certificate.change.certificate = "PEM";
  CHECK(happened<Signed>(world.when("custom", certificate)));
  certificate.base = world.state("custom").resource_version;
  certificate.change.certificate = "another PEM";
  CHECK(kind_of(world.when("custom", certificate)) == Kind::already_signed);
}

TEST_CASE("while our signer is at work nobody else ends it") {
  World world;
  world.when("jane", request("jane"));
  world.when("jane", approve(world, "jane"));
  CHECK(kind_of(world.when("jane", with_condition(world, "jane", condition::failed))) == Kind::issuing);
  Change certificate{.base = world.state("jane").resource_version, .change = {}, .certificate = {}};
  certificate.change.certificate = "PEM";
  CHECK(kind_of(world.when("jane", certificate)) == Kind::issuing);
}

TEST_CASE("a change computed over an older version is a conflict, no change is no event") {
  World world;
  world.when("jane", request("jane"));
  Change change{.base = {}, .change = {.labels = {{"team", "blue"}}}, .certificate = {}};
  CHECK(kind_of(world.when("jane", change)) == Kind::conflict);
  change.base = world.state("jane").resource_version;
  CHECK(happened<Updated>(world.when("jane", change)));
  change.base = world.state("jane").resource_version;
  CHECK(happened<>(world.when("jane", change)));
}

TEST_CASE("deleting ends the object and not its history") {
  World world = with_signed(request("jane"));
  CHECK(kind_of(world.when("jane", Delete{.uid = Uid{"another"}, .resource_version = {}})) ==
        Kind::uid_mismatch);
  CHECK(happened<Deleted>(world.when("jane", Delete{})));
  CHECK(kind_of(world.when("jane", Delete{})) == Kind::not_found);
  CHECK(world.state("jane").ledger.size() == 1);
  SECTION("the name can come again, and gets a certificate of its own") {
    CHECK(happened<Created>(world.when("jane", request("jane"))));
    CHECK(happened<Approved, Issuing>(world.when("jane", approve(world, "jane"))));
    CHECK(happened<Signed>(world.when("jane", signature(world, "jane"))));
    CHECK(world.state("jane").ledger.size() == 2);
  }
  SECTION("its certificate expires all the same") {
    world.now = world.now + seconds(3601);
    CHECK(happened<Expired>(
        world.when("jane", Expire{certificate(world, "jane").uid, certificate(world, "jane").serial})));
  }
}

TEST_CASE("what is deleted while it is being signed is signed in history only") {
  World world;
  world.when("jane", request("jane"));
  world.when("jane", approve(world, "jane"));
  CompleteIssue late = signature(world, "jane");
  world.when("jane", Delete{});
  auto done = world.when("jane", late);
  REQUIRE(happened<Signed>(done));
  CHECK_FALSE(std::get<Signed>((*done)[0]).object.has_value());
  CHECK_FALSE(world.state("jane").object.has_value());
}

TEST_CASE("finalizers hold an object until the last one goes") {
  World world;
  Create create = request("held");
  create.object.meta.finalizers = {"example.com/hold"};
  world.when("held", create);
  CHECK(happened<Updated>(world.when("held", Delete{})));
  CHECK(world.state("held").object->meta.deletion.has_value());
  CHECK(happened<>(world.when("held", Delete{})));
  auto again = world.when("held", request("held"));
  REQUIRE_FALSE(again.has_value());
  CHECK(again.error().terminating);
  Change released{.base = world.state("held").resource_version, .change = {}, .certificate = {}};
  released.change.finalizers = std::vector<std::string>{};
  CHECK(happened<Deleted>(world.when("held", released)));
}

TEST_CASE("foreground and orphan deletion end at once: nothing depends on a request") {
  World world;
  world.when("jane", request("jane"));
  auto done =
      world.when("jane", Delete{.uid = {}, .resource_version = {}, .propagation = Propagation::foreground});
  REQUIRE(happened<Updated, Deleted>(done));
  CHECK(std::get<Updated>((*done)[0]).object.finalizers == std::vector<std::string>{"foregroundDeletion"});
}

TEST_CASE("how a request is deleted decides anew which finalizer of the garbage collector it has") {
  World world;
  Create orphaned = request("jane");
  orphaned.object.meta.finalizers = {"orphan"};
  world.when("jane", orphaned);
  const auto done =
      world.when("jane", Delete{.uid = {}, .resource_version = {}, .propagation = Propagation::foreground});
  REQUIRE(happened<Updated, Deleted>(done));
  CHECK(std::get<Updated>((*done)[0]).object.finalizers == std::vector<std::string>{"foregroundDeletion"});
}

TEST_CASE("a certificate expires one second after its notAfter, once") {
  World world = with_signed(request("jane"));
  Expire expire{certificate(world, "jane").uid, certificate(world, "jane").serial};
  world.now = certificate(world, "jane").not_after;
  CHECK(happened<>(world.when("jane", expire)));
  world.now = world.now + seconds(1);
  CHECK(happened<Expired>(world.when("jane", expire)));
  CHECK(happened<>(world.when("jane", expire)));
}

TEST_CASE("a renewal creates, approves and begins its successor in one transaction") {
  World world = with_signed(renewable("web"));
  auto due = world.when("web", rotation_of(world, "web"));
  REQUIRE(happened<RotationDue, Created, Approved, Issuing>(due));
  const auto& created = std::get<Created>((*due)[1]);
  CHECK(created.object.meta.name == "web.2");
  CHECK(created.predecessor->name == "web");
  CHECK(created.object.spec == world.state("web").object->spec);
  CHECK(created.object.meta.annotations.at("csrflow.io/predecessor") == "web");
  CHECK_FALSE(created.object.meta.annotations.contains("csrflow.io/issued-at"));
  const auto& approved = std::get<Approved>((*due)[2]);
  CHECK(approved.reason == "Renewed");
  CHECK(approved.message.find("web") != std::string::npos);

  SECTION("once for its cause") {
    CHECK(happened<>(world.when("web", rotation_of(world, "web"))));
  }
  SECTION("rotated exactly when the successor is signed") {
    auto done = world.when("web.2", signature(world, "web.2"));
    REQUIRE(happened<Signed, Rotated>(done));
    CHECK(std::get<Rotated>((*done)[1]).successor == "web.2");
    CHECK(world.state("web").object->meta.annotations.at("csrflow.io/successor") == "web.2");
    SECTION("and the next generation is web.3") {
      auto next = world.when("web.2", rotation_of(world, "web.2"));
      REQUIRE(happened<RotationDue, Created, Approved, Issuing>(next));
      CHECK(std::get<Created>((*next)[1]).object.meta.name == "web.3");
    }
  }
}

TEST_CASE("only an annotation that was there at creation asks for renewal") {
  World world;
  world.when("late", request("late"));
  Change annotate{.base = world.state("late").resource_version, .change = {}, .certificate = {}};
  annotate.change.annotations[std::string(annotation::rotation)] = "renew";
  world.when("late", annotate);
  world.when("late", approve(world, "late"));
  world.when("late", signature(world, "late"));
  CHECK(happened<>(world.when("late", rotation_of(world, "late"))));
}

TEST_CASE("a successor whose name is taken gets the next free one") {
  World world = with_signed(renewable("web"));
  world.when("web.2", request("web.2"));
  auto due = world.when("web", rotation_of(world, "web"));
  REQUIRE(due.has_value());
  CHECK(std::get<RotationDue>((*due)[0]).successor == "web.2-2");
}

TEST_CASE("a successor that is deleted before it is signed is tried again as the next attempt") {
  World world = with_signed(renewable("web"));
  world.issuer.out_of_order = true;
  REQUIRE(happened<RotationDue, Created, Approved>(world.when("web", rotation_of(world, "web"))));
  auto gone = world.when("web.2", Delete{});
  REQUIRE(happened<Deleted, RotationFailed>(gone));
  world.issuer.out_of_order = false;
  CHECK(happened<>(world.when("web", rotation_of(world, "web", 1))));
  CHECK(happened<RotationDue, Created, Approved, Issuing>(world.when("web", rotation_of(world, "web", 2))));
}

TEST_CASE("a renewal long after expiry is given up") {
  World world = with_signed(renewable("web"));
  world.now = world.now + seconds(4 * 3600);
  auto due = world.when("web", rotation_of(world, "web"));
  REQUIRE(happened<RotationDue, RotationFailed>(due));
  CHECK(std::get<RotationFailed>((*due)[1]).reason == "GraceEnded");
}

TEST_CASE("a deleted request is not renewed") {
  World world = with_signed(renewable("web"));
  world.when("web", Delete{});
  CHECK(happened<>(world.when("web", rotation_of(world, "web"))));
}
