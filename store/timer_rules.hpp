// What timers follow besides their streams.
#pragma once

#include <functional>
#include <memory>

#include "engine/followed_rules.hpp"
#include "engine/ports.hpp"

namespace csrflow::store {

/// The rules as the log had them at a position, ready to be told of what comes after it. Each call makes
/// another instance. Empty, or null: there are no rules besides requests' annotations.
using RulesAt = std::function<std::unique_ptr<engine::FollowedRules>(engine::Position)>;

}  // namespace csrflow::store
