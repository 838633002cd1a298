#include "bench/fleet.hpp"

#include <fstream>

#include "bench/in_process.hpp"

namespace csrflow::bench {
namespace {

constexpr unsigned making = 250;  // clients
constexpr unsigned most_in_burst = 10'000;
constexpr std::int32_t lifetime = 47 * 86'400;

}  // namespace

Fleet make_fleet(const std::filesystem::path& directory, unsigned certificates) {
  const unsigned each = certificates / making;
  const unsigned each_in_burst = std::min(most_in_burst, certificates / 2) / making;
  Fleet fleet{.certificates = making * each, .burst = making * each_in_burst};

  const auto finished = directory / "certificates";
  if (std::ifstream in(finished); in) {
    unsigned there = 0;
    in >> there;
    if (there != fleet.certificates)
      throw std::runtime_error(directory.string() + " has " + std::to_string(there) +
                               " certificates: ask for as many, or remove it");
    return fleet;
  }
  // What a run left that did not come to its end.
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const auto begun = Clock::now();
  store_certificates(directory / "data", making,
                     {.each = each, .seconds = lifetime, .labels = [=](std::uint64_t number) {
                        engine::StringMap labels{{fleet_label, fleet_value}};
                        if (number <= each_in_burst) labels[burst_label] = burst_value;
                        return labels;
                      }});
  fleet.made_in = Clock::now() - begun;
  std::ofstream(finished) << fleet.certificates << '\n';
  return fleet;
}

}  // namespace csrflow::bench
