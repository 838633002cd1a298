// The rules that the views' timers follow, for a server and for those who look beside one.
#pragma once

#include <filesystem>

#include "engine/ports.hpp"
#include "store/timer_rules.hpp"

namespace csrflow::tools {

/// `log` outlives it.
store::RulesAt rules_at(const engine::EventLog& log);
/// Of a data directory.
store::RulesAt rules_at(const std::filesystem::path& data);

}  // namespace csrflow::tools
