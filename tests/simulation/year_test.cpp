// A year of 10,000 certificates, with the clock as a value: outages of the signer, restarts, a week of
// downtime, clocks that jump. `CSRFLOW_SEED=n` plays the same year again.
#include <cstdlib>
#include <iostream>

#include "tests/simulation/plant.hpp"

using namespace csrflow::test;

namespace {

constexpr Duration hour = seconds(3600), day = seconds(86'400);

std::uint64_t seed() {
  const char* given = std::getenv("CSRFLOW_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

/// What goes wrong, and when.
struct Trouble {
  enum class Kind { signer_outage, restart, downtime, clock_forward, clock_back } kind;
  Timestamp at;
  Duration length;
};

std::vector<Trouble> troubles(Timestamp begin, std::uint64_t seed) {
  std::mt19937_64 chance(seed);
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(chance() % static_cast<std::uint64_t>(n));
  };
  std::vector<Trouble> all;
  const auto add = [&](Trouble::Kind kind, int times, Duration least, Duration most) {
    for (int i = 0; i < times; ++i)
      all.push_back({kind, begin + day + Duration{below((day.microseconds) * 360)},
                     least + Duration{below((most - least).microseconds + 1)}});
  };
  add(Trouble::Kind::signer_outage, 12, hour, Duration{hour.microseconds * 5});
  add(Trouble::Kind::restart, 10, seconds(1), seconds(600));
  add(Trouble::Kind::downtime, 1, Duration{day.microseconds * 7}, Duration{day.microseconds * 7});
  add(Trouble::Kind::clock_forward, 4, hour, Duration{hour.microseconds * 6});
  add(Trouble::Kind::clock_back, 4, seconds(1), seconds(1200));
  std::ranges::sort(all, {}, &Trouble::at);
  return all;
}

void happen(Plant& plant, const Trouble& trouble) {
  switch (trouble.kind) {
    case Trouble::Kind::signer_outage:
      plant.break_signer(true);
      plant.run_until(plant.now() + trouble.length);
      plant.break_signer(false);
      break;
    case Trouble::Kind::restart:
    case Trouble::Kind::downtime:
      plant.kill();
      plant.run_until(plant.now() + trouble.length);
      plant.start();
      break;
    case Trouble::Kind::clock_forward:
      plant.jump(trouble.length);
      break;
    case Trouble::Kind::clock_back:
      plant.jump(Duration{-trouble.length.microseconds});
      break;
  }
}

}  // namespace

TEST_CASE("in a year of trouble no certificate runs out that could have been rotated") {
  const std::uint64_t chosen = seed();
  std::cout << "seed " << chosen << std::endl;
  RotationLimits limits;
  limits.max_key_age = Duration{day.microseconds * 365 * 100};
  limits.per_signer = {.limit = 20, .burst = 20};
  limits.per_requester = {.limit = 20, .burst = 20};
  limits.in_flight = 200;
  Plant plant({{"day", 100, day, RotationMode::renew},
               {"renewed-47", 3'150, Duration{day.microseconds * 47}, RotationMode::renew},
               {"rekeyed-47", 2'000, Duration{day.microseconds * 47}, RotationMode::rekey},
               {"renewed-90", 2'750, Duration{day.microseconds * 90}, RotationMode::renew},
               {"rekeyed-90", 2'000, Duration{day.microseconds * 90}, RotationMode::rekey}},
              limits, chosen);
  plant.fill();
  const Timestamp begin = plant.now();
  for (const Trouble& trouble : troubles(begin, chosen)) {
    if (trouble.at > plant.now()) plant.run_until(trouble.at);
    happen(plant, trouble);
    REQUIRE(plant.check().broken() == std::vector<std::string>{});
  }
  plant.run_until(begin + Duration{day.microseconds * 365});

  const LedgerCheck& check = plant.check();
  std::cout << check.certificates() << " certificates, " << check.rotations() << " rotations, "
            << plant.events() << " events, at most " << check.most_in_flight() << " in flight, "
            << check.expired_while_away() << " ran out while nothing could be done" << std::endl;
  CHECK(check.broken() == std::vector<std::string>{});
  // It was a year, and not an idle one.
  CHECK(check.rotations() > 60'000);
}
