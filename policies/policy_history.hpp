// All versions of the approval policies, as the log has them.
#pragma once

#include <vector>

#include "engine/ports.hpp"
#include "policies/replay.hpp"

namespace csrflow::policies {

/// In the log's order, up to `head`. Throws engine::UnreadableEvent when one of them is no policy for this
/// program: what it decided cannot be decided again.
std::vector<PolicyChange> policy_history(engine::EventReader&, engine::Position head);

}  // namespace csrflow::policies
