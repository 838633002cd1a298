// How the matches and windows of two policies lie to each other. Internal to lint.
#pragma once

#include "policies/policy.hpp"

namespace csrflow::policies {

/// Surely matches every request that `inner` matches; false when that cannot be said.
bool covers(const Match& outer, const Match& inner);
bool same(const Match&, const Match&);
/// In no week of a year is there an instant at which both hold.
bool never_together(const engine::Schedule&, const engine::Schedule&);

}  // namespace csrflow::policies
