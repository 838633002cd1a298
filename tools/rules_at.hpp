// The rules that the views' timers follow, for a server and for those who look beside one.
#pragma once

#include <filesystem>

#include "engine/ports.hpp"
#include "signer/duration.hpp"
#include "store/timer_rules.hpp"

namespace csrflow::tools {

/// `log` outlives it.
store::RulesAt rules_at(const engine::EventLog& log, const signer::SigningDurations&);
/// Of a data directory, by the built-in signers' default durations.
store::RulesAt rules_at(const std::filesystem::path& data);

}  // namespace csrflow::tools
