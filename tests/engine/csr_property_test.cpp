// Random command sequences keep the invariants that DESIGN states; a failing sequence is shrunk and printed.
#include <rapidcheck.h>

#include <set>

#include "tests/engine/story.hpp"

using namespace csrflow::test;

namespace {

enum class Step {
  create,
  create_renewable,
  approve,
  deny,
  fail,
  label,
  remove,
  begin,
  complete,
  foreign,
  expire,
  rotate,
  tick,
  outage
};

std::ostream& operator<<(std::ostream& out, Step step) {
  return out << static_cast<int>(step);
}

/// One step on a name; what a client, the signer or a timer could send at any moment.
void take(World& world, Step step, const std::string& name) {
  CsrState& s = world.state(name);
  Uid uid = s.object ? s.object->meta.uid : Uid{"none"};
  const std::vector<LedgerEntry> ledger = s.ledger;  // what a command changes moves the states
  switch (step) {
    case Step::create:
      world.when(name, request(name));
      break;
    case Step::create_renewable:
      world.when(name, renewable(name));
      break;
    case Step::approve:
      world.when(name, approve(world, name));
      break;
    case Step::deny:
      world.when(name, deny(world, name));
      break;
    case Step::fail:
      world.when(name, with_condition(world, name, condition::failed));
      break;
    case Step::label: {
      Change change{.base = s.resource_version, .change = {}, .certificate = {}};
      change.change.labels["step"] = std::to_string(world.log().size());
      world.when(name, change);
      break;
    }
    case Step::remove:
      world.when(name, Delete{});
      break;
    case Step::begin:
      world.when(name, BeginIssue{uid});
      break;
    case Step::complete:
      if (!s.open_issues.empty()) world.when(name, signature(world, name));
      break;
    case Step::foreign: {
      Change change{
          .base = s.resource_version, .change = {}, .certificate = CertificateFacts{{"f"}, {}, {}, "f"}};
      change.change.certificate = "foreign PEM";
      world.when(name, change);
      break;
    }
    case Step::expire:
      for (const LedgerEntry& held : ledger) world.when(name, Expire{held.uid, held.serial});
      break;
    case Step::rotate:
      for (const LedgerEntry& held : ledger)
        world.when(name, AnnounceRotation{held.uid, held.serial, held.signed_at,
                                          held.rotation ? held.rotation->attempt + 1 : 1});
      break;
    case Step::tick:
      world.now = world.now + seconds(1000);
      break;
    case Step::outage:
      world.issuer.out_of_order = !world.issuer.out_of_order;
      break;
  }
}

void check_invariants(const World& world) {
  std::map<std::string, int> signatures, expiries, rotations;  // by uid
  std::set<std::string> issuing, signed_successors;
  for (const auto& [stream, event] : world.log()) {
    if (const auto* e = std::get_if<Issuing>(&event)) {
      RC_ASSERT(issuing.insert(e->uid.text).second);  // never a second one for the same request
    }
    if (const auto* e = std::get_if<Signed>(&event)) {
      RC_ASSERT(++signatures[e->uid.text] == 1);
      RC_ASSERT(e->foreign || issuing.contains(e->uid.text));  // written ahead
      signed_successors.insert(e->uid.text);
    }
    if (const auto* e = std::get_if<Expired>(&event)) RC_ASSERT(++expiries[e->uid.text] == 1);
    if (const auto* e = std::get_if<Rotated>(&event)) {
      RC_ASSERT(++rotations[e->uid.text] == 1);
      RC_ASSERT(signed_successors.contains(e->successor_uid.text));
    }
  }
  for (const auto& [stream, state] : world.streams()) {
    if (!state.object) continue;
    const CsrStatus& status = state.object->status;
    RC_ASSERT_FALSE((status.has(condition::approved) && status.has(condition::denied)));
    RC_ASSERT(!(status.has(condition::denied) && issuing.contains(state.object->meta.uid.text)));
  }
}

/// Folding the log again gives the state that the decisions saw.
void check_replay(const World& world) {
  std::map<std::string, CsrState> replayed;
  std::uint64_t position = 0;
  for (const auto& [stream, event] : world.log()) {
    CsrState& s = replayed[stream];
    StreamId id{stream};
    s = evolve(std::move(s), event, Stamp{{++position}, id, {s.version.value + 1}, world.now, {}});
  }
  for (const auto& [stream, state] : world.streams()) {
    RC_ASSERT(replayed[stream].version == state.version);
    RC_ASSERT(replayed[stream].resource_version == state.resource_version);
    RC_ASSERT(replayed[stream].ledger.size() == state.ledger.size());
    RC_ASSERT(replayed[stream].object.has_value() == state.object.has_value());
    if (state.object) RC_ASSERT(replayed[stream].object->status == state.object->status);
  }
}

}  // namespace

TEST_CASE("any sequence of commands keeps the invariants") {
  CHECK(rc::check("invariants hold after every command", [] {
    World world;
    const std::vector<std::string> names{"a", "b", "a.2", "a.3"};
    auto steps = *rc::gen::container<std::vector<std::pair<int, unsigned>>>(
        rc::gen::pair(rc::gen::inRange(0, static_cast<int>(Step::outage) + 1), rc::gen::inRange(0U, 4U)));
    for (const auto& [step, which] : steps) {
      take(world, static_cast<Step>(step), names[which]);
      check_invariants(world);
    }
    check_replay(world);
  }));
}

TEST_CASE("a request's whole life, in an order that makes sense, keeps the invariants too") {
  // Independent draws rarely reach deep states: this one weighs the way through approval and renewal.
  CHECK(rc::check("deep sequences", [] {
    World world;
    auto steps =
        *rc::gen::container<std::vector<Step>>(rc::gen::weightedElement<Step>({{2, Step::create_renewable},
                                                                               {4, Step::approve},
                                                                               {4, Step::complete},
                                                                               {4, Step::rotate},
                                                                               {2, Step::expire},
                                                                               {2, Step::tick},
                                                                               {1, Step::remove},
                                                                               {1, Step::outage},
                                                                               {1, Step::begin}}));
    for (Step step : steps)
      for (const char* name : {"web", "web.2", "web.3"}) take(world, step, name);
    check_invariants(world);
    check_replay(world);
  }));
}
