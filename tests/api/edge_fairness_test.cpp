// How many requests at a time, and in which order those go on that wait.
#include "api/fair_queue.hpp"
#include "api/worker_pool.hpp"
#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using namespace std::chrono_literals;
using test::collection;
using test::Reply;
using test::World;
using Entry = FairQueue::Entry;

TEST_CASE("a user who floods does not delay another: users are served in turn") {
  FairQueue queue({.seats = 1, .waiting_per_user = 100, .waiting = 1000});
  REQUIRE(queue.enter("mallory", 0) == Entry::seated);
  for (FairQueue::Ticket ticket = 1; ticket <= 100; ++ticket)
    REQUIRE(queue.enter("mallory", ticket) == Entry::waiting);
  REQUIRE(queue.enter("jane", 1001) == Entry::waiting);
  REQUIRE(queue.enter("jane", 1002) == Entry::waiting);
  REQUIRE(queue.enter("bob", 2001) == Entry::waiting);
  std::vector<FairQueue::Ticket> served;
  for (int i = 0; i < 7; ++i) served.push_back(queue.leave().value());
  CHECK(served == std::vector<FairQueue::Ticket>{1, 1001, 2001, 2, 1002, 3, 4});
}

TEST_CASE("nobody waits while a seat is free, and a seat that nobody wants is free again") {
  FairQueue queue({.seats = 2});
  CHECK(queue.enter("jane", 1) == Entry::seated);
  CHECK(queue.enter("jane", 2) == Entry::seated);
  CHECK(queue.enter("jane", 3) == Entry::waiting);
  CHECK(queue.leave() == 3);
  CHECK(queue.leave() == std::nullopt);
  CHECK(queue.leave() == std::nullopt);
  CHECK(queue.seated() == 0);
  CHECK(queue.enter("bob", 4) == Entry::seated);
}

TEST_CASE("who waits is bounded, each user and all together") {
  FairQueue queue({.seats = 0, .waiting_per_user = 2, .waiting = 3});
  CHECK(queue.enter("mallory", 1) == Entry::waiting);
  CHECK(queue.enter("mallory", 2) == Entry::waiting);
  CHECK(queue.enter("mallory", 3) == Entry::refused);
  CHECK(queue.enter("jane", 4) == Entry::waiting);
  CHECK(queue.enter("bob", 5) == Entry::refused);
  CHECK(queue.waiting() == 3);
}

TEST_CASE("who gives up is passed over") {
  FairQueue queue({.seats = 1});
  queue.enter("jane", 0);
  queue.enter("jane", 1);
  queue.enter("jane", 2);
  queue.enter("bob", 3);
  CHECK(queue.give_up("jane", 1));
  CHECK_FALSE(queue.give_up("jane", 1));
  CHECK(queue.give_up("bob", 3));
  CHECK(queue.leave() == 2);
  CHECK(queue.leave() == std::nullopt);
}

TEST_CASE("every order of arrival: each user's requests stay in order, and nobody is passed over") {
  // Three users with 1 to 4 requests each, in all interleavings that a counter gives.
  for (unsigned pattern = 0; pattern < 6561; ++pattern) {
    FairQueue queue({.seats = 1});
    queue.enter("busy", 0);
    std::vector<std::pair<unsigned, FairQueue::Ticket>> arrived;
    unsigned rest = pattern;
    for (FairQueue::Ticket ticket = 1; ticket <= 8; ++ticket, rest /= 3) {
      arrived.emplace_back(rest % 3, ticket);
      queue.enter(std::to_string(rest % 3), ticket);
    }
    std::map<unsigned, std::vector<FairQueue::Ticket>> expected, got;
    for (const auto& [user, ticket] : arrived) expected[user].push_back(ticket);
    std::map<unsigned, std::size_t> turns;
    for (int i = 0; i < 8; ++i) {
      const auto ticket = queue.leave().value();
      const auto user = arrived[ticket - 1].first;
      got[user].push_back(ticket);
      ++turns[user];
      // Whoever still waits had as many turns as anybody, or one fewer.
      for (const auto& [other, all] : expected)
        if (turns[other] < all.size()) REQUIRE(turns[other] + 1 >= turns[user]);
    }
    REQUIRE(got == expected);
    REQUIRE(queue.waiting() == 0);
  }
}

TEST_CASE("a pool's threads take turns between the users too") {
  std::vector<std::string> order;
  std::promise<void> all_there, done;
  {
    WorkerPool pool(1);
    pool.run([ready = all_there.get_future()]() mutable { ready.get(); });
    for (int i = 0; i < 3; ++i) pool.run([&] { order.push_back("mallory"); }, "mallory");
    pool.run([&] { order.push_back("jane"); }, "jane");
    pool.run([&] { done.set_value(); }, "mallory");
    all_there.set_value();
    done.get_future().get();
  }
  CHECK(order == std::vector<std::string>{"mallory", "jane", "mallory", "mallory"});
}

/// One read at a time, which a read of a version that does not exist yet keeps for itself.
struct Narrow {
  explicit Narrow(FairQueueLimits reads, std::chrono::milliseconds waiting_for = 1h) {
    limits.gate.reads = reads;
    limits.gate.waiting_for = waiting_for;
    limits.future_patience = 1h;
    world = std::make_unique<World>(limits);
  }
  std::future<Reply> ask(const std::string& target, const std::string& as) {
    return world->start({.method = "GET", .target = target, .as = as});
  }

  ApiLimits limits;
  std::unique_ptr<World> world;
};
const std::string not_yet = collection + "/jane?resourceVersion=1";

TEST_CASE("who waits goes on when a seat is free") {
  Narrow narrow({.seats = 1});
  auto first = narrow.ask(not_yet, "jane");
  auto second = narrow.ask("/version", "jane");
  auto third = narrow.ask("/version", "bob");
  CHECK(second.wait_for(0s) == std::future_status::timeout);
  narrow.world->create("jane");
  CHECK(first.get().status == 200);
  CHECK(second.get().status == 200);
  CHECK(third.get().status == 200);
}

TEST_CASE("too many waiting requests are sent away in kube-apiserver's words") {
  Narrow narrow({.seats = 1, .waiting_per_user = 1, .waiting = 2});
  auto first = narrow.ask(not_yet, "jane");
  auto second = narrow.ask("/version", "jane");
  const auto refused = narrow.world->get("/version", "jane");
  CHECK(refused.status == 429);
  CHECK(refused.body == "Too many requests, please try again later.\n");
  CHECK(refused.headers.get("Retry-After") == "1");
  CHECK(refused.headers.get("Content-Type") == "text/plain; charset=utf-8");
  auto other = narrow.ask("/version", "bob");
  narrow.world->create("jane");
  CHECK(second.get().status == 200);
  CHECK(other.get().status == 200);
}

TEST_CASE("who has waited for too long is sent away") {
  Narrow narrow({.seats = 1}, 1ms);
  auto first = narrow.ask(not_yet, "jane");
  CHECK(narrow.world->get("/version", "bob").status == 429);
}

TEST_CASE("who waits for longer than his time gets the 504, and does not go on") {
  Narrow narrow({.seats = 1});
  auto first = narrow.ask(not_yet, "jane");
  CHECK(narrow.ask(collection + "/x?timeout=1ms", "bob").get().status == 504);
  narrow.world->create("jane");
  CHECK(first.get().status == 200);
  CHECK(narrow.world->get("/version", "bob").status == 200);
}

TEST_CASE("system:masters, health checks, writes and watches do not wait for others' reads") {
  Narrow narrow({.seats = 1, .waiting_per_user = 0});
  auto first = narrow.ask(not_yet, "jane");
  CHECK(narrow.world->get("/version", "jane").status == 429);
  CHECK(narrow.world->get("/version", "admin").status == 200);
  for (const std::string path : {"/healthz", "/livez", "/readyz"})
    CHECK(narrow.world->get(path, "jane").status == 200);
  CHECK(narrow.world->create("jane", "jane").status == 201);
  CHECK(first.get().status == 200);
}

TEST_CASE("a server that stops lets nobody wait") {
  Narrow narrow({.seats = 1});
  auto first = narrow.ask(not_yet, "jane");
  auto second = narrow.ask("/version", "bob");
  narrow.world->api.reset();
  CHECK(second.get().status == 429);
}

struct EverythingAllowed final : Authorizer {
  AccessDecision decide(const engine::Identity&, const Attributes&) const override {
    return {.access = Access::allowed, .reason = {}};
  }
};

TEST_CASE("watches are bounded for each user and in all, and count until they end") {
  ApiLimits limits;
  limits.gate.watches_per_user = 1;
  limits.gate.watches = 2;
  const EverythingAllowed everything;
  World world(limits, {}, {}, nullptr, nullptr, &everything);
  const auto of_admin = world.watch("");  // exempt
  auto of_jane = world.watch("", 10, "jane");
  CHECK(world.ask({.method = "GET", .target = collection + "?watch=1", .as = "jane"}).status == 429);
  const auto of_bob = world.watch("", 10, "bob");
  world.create("first");
  CHECK(of_jane->next()["type"] == "ADDED");  // it runs, and hears that its client goes
  of_jane->leave();
  of_jane = world.watch("", 10, "jane");
  world.create("x");
  CHECK(of_jane->next()["type"] == "ADDED");
}

}  // namespace
}  // namespace csrflow::api
