#include "tests/api/edge_world.hpp"
#include "tests/catch.hpp"

namespace csrflow::api {
namespace {

using test::World;

constexpr std::size_t watchers = 1'000;
constexpr std::size_t writes = 30;

std::string version_of(const std::string& event) {
  const std::string mark = R"("resourceVersion":")";
  const auto at = event.find(mark) + mark.size();
  return event.substr(at, event.find('"', at) - at);
}

TEST_CASE("a thousand watchers see each event once and in order, a slow one hinders nobody") {
  World world;
  world.create("first");
  std::vector<std::shared_ptr<test::MemoryStream>> streams;
  for (std::size_t i = 0; i < watchers; ++i) {
    // Half of them start with what is there, half after it; one in a hundred reads nothing yet.
    streams.push_back(
        world.watch(i % 2 == 0 ? "&resourceVersion=0" : "&resourceVersion=1", i % 100 == 0 ? 2 : 10'000));
  }
  // What was there comes first, in any order; once it is seen, order is the log's.
  for (std::size_t i = 0; i < watchers; i += 2) {
    const auto event = streams[i]->next_bytes();
    REQUIRE(event);
    REQUIRE(version_of(*event) == "1");
  }
  for (std::size_t i = 0; i < writes; ++i) REQUIRE(world.create("r" + std::to_string(i)).status == 201);
  const auto check = [&](std::size_t which) {
    for (std::size_t version = 2; version <= writes + 1; ++version) {
      const auto event = streams[which]->next_bytes();
      REQUIRE(event);
      REQUIRE(version_of(*event) == std::to_string(version));
    }
  };
  for (std::size_t i = 0; i < watchers; ++i) {
    if (i % 100 != 0) check(i);
  }
  // The slow ones held two events each all the time, and get the rest now.
  for (std::size_t i = 0; i < watchers; i += 100) {
    CHECK(streams[i]->refused());
    check(i);
  }
}

}  // namespace
}  // namespace csrflow::api
