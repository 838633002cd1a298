// Many active certificates in a data directory, made once.
#pragma once

#include <filesystem>

#include "bench/figures.hpp"

namespace csrflow::bench {

/// Labels of all of them, and of those that rotate at one moment.
constexpr auto fleet_label = "fleet", fleet_value = "bench", burst_label = "burst", burst_value = "yes";

struct Fleet {
  unsigned certificates = 0, burst = 0;
  Seconds made_in{};  ///< 0: they were there
};

/// Certificates of 47 days in `directory`/data, about so many; used again when they are there. Throws
/// std::runtime_error when `directory` has another number of them.
Fleet make_fleet(const std::filesystem::path& directory, unsigned certificates);

}  // namespace csrflow::bench
