// Rotation policies of a server that is measured, and when the timers follow them.
#pragma once

#include <filesystem>
#include <optional>

#include "bench/precomposed.hpp"
#include "engine/rotation_plan.hpp"

namespace csrflow::bench {

/// All of the fleet are renewed, from 60 to 75 % of their lifetimes; the caps are lifted.
void apply_fleet_policy(const Address&, const std::filesystem::path& ca);
/// Those of the burst in this window instead.
void apply_burst_policy(const Address&, const std::filesystem::path& ca, engine::Window);
/// They go with the others again.
void delete_burst_policy(const Address&, const std::filesystem::path& ca);

/// Until the views of the server over `data` show everything up to now and no timer waits to be planned anew.
/// Throws std::runtime_error after an hour.
void wait_until_planned(const std::filesystem::path& data);

}  // namespace csrflow::bench
