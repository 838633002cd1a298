// A certificate is replaced over a new key by whoever holds the old one: when it may still be.
#include "tests/engine/story.hpp"

using namespace csrflow::test;

namespace {

/// The policies' word for every certificate, and nothing else.
struct OneOrder : StandingRules {
  std::shared_ptr<RotationRules> rules = std::make_shared<RotationRules>();
  std::optional<RotationOrder> named(std::string_view, const CsrState&) const override { return {}; }
  std::optional<RotationOrder> matching(const CsrState&) const override {
    return RotationOrder{.policy = "web", .hash = {}, .rules = rules};
  }
  bool expiry_is_watched(const CsrState&) const override { return false; }
  std::string difference_of(const CsrState&, const CsrState&) const override { return {}; }
  Duration longest_lifetime() const override { return seconds(3600); }
};

/// jane's certificate of an hour.
World signed_for_jane() {
  World world;
  world.actor.user = "jane";
  REQUIRE(world.when("web-1", request("web-1")));
  REQUIRE(world.when("web-1", approve(world, "web-1")));
  REQUIRE(world.when("web-1", signature(world, "web-1")));
  return world;
}

const LedgerEntry& held(World& world) {
  return world.state("web-1").ledger.front();
}

Create proven(World& world, const std::string& name = "web-1.2") {
  Create create = request(name);
  create.object.meta.annotations[std::string(annotation::predecessor)] = "web-1";
  create.proven_predecessor = held(world).serial;
  return create;
}

}  // namespace

TEST_CASE("before its expiry and for a lifetime after it, a certificate may be rekeyed") {
  for (const std::int64_t after : {-1'800, 0, 3'500}) {
    World world = signed_for_jane();
    world.now = held(world).not_after + seconds(after);
    INFO(after);
    CHECK(happened<Created, SuccessorCreated>(world.when("web-1.2", proven(world))));
  }
}

TEST_CASE("a lifetime after expiry the grace is over") {
  World world = signed_for_jane();
  const Duration life = held(world).not_after - held(world).not_before + seconds(2);
  world.now = held(world).not_after + life;
  const auto refused = world.when("web-1.2", proven(world));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == Refusal::Kind::not_permitted);
  CHECK_THAT(refused.error().message, Catch::Contains("the grace for a rekey ended"));
}

TEST_CASE("the rotation policy's grace holds, and it may renew nothing that has expired") {
  World world = signed_for_jane();
  const auto order = std::make_shared<OneOrder>();
  world.rules = order;
  order->rules->grace = seconds(60);
  world.now = held(world).not_after + seconds(60);
  World later = world;
  CHECK(world.when("web-1.2", proven(world)).has_value());
  later.now = later.now + seconds(1);
  CHECK_FALSE(later.when("web-1.2", proven(later)).has_value());

  order->rules->renew_expired = false;
  World never = signed_for_jane();
  never.rules = order;
  never.now = held(never).not_after + seconds(1);
  CHECK_THAT(never.when("web-1.2", proven(never)).error().message,
             Catch::Contains("the policy web does not renew expired certificates"));
}

TEST_CASE("what is proven is the certificate of the request, for the same signer") {
  World world = signed_for_jane();
  Create other = proven(world);
  other.proven_predecessor = Serial{"\x7f"};
  CHECK(world.when("web-1.2", other).error().kind == Refusal::Kind::not_found);
  Create nobody = proven(world);
  nobody.object.meta.annotations[std::string(annotation::predecessor)] = "web-9";
  CHECK(world.when("web-1.2", nobody).error().kind == Refusal::Kind::not_found);
  Create unnamed = proven(world);
  unnamed.object.meta.annotations.clear();
  CHECK(world.when("web-1.2", unnamed).error().kind == Refusal::Kind::not_found);
  Create elsewhere = proven(world);
  auto spec = std::make_shared<CsrSpec>(*elsewhere.object.spec);
  spec->signer_name = {"example.com/other"};
  elsewhere.object.spec = spec;
  CHECK_THAT(world.when("web-1.2", elsewhere).error().message,
             Catch::Contains("stays with the signer of its predecessor"));
}

TEST_CASE("whoever proves the old key is the same requester, whatever they are called now") {
  World world = signed_for_jane();
  Create renamed = proven(world);
  auto spec = std::make_shared<CsrSpec>(*renamed.object.spec);
  spec->username = "csrflow:agent:web-1";
  renamed.object.spec = spec;
  REQUIRE(world.when("web-1.2", renamed));
  CHECK_FALSE(world.state("web-1.2").predecessor->claim);
  const auto second = world.when("web-1.3", proven(world, "web-1.3"));
  CHECK(second.error().kind == Refusal::Kind::already_replaced);
}
