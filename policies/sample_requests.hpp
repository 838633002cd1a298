// Requests made from what policies say: one that a policy would accept, and its neighbours. Internal to diff.
#pragma once

#include <vector>

#include "policies/evaluation.hpp"
#include "policies/tree.hpp"

namespace csrflow::policies {

/// In the short form of cases. Deterministic; at most `max_samples`.
std::vector<Tree> sample_requests(const std::vector<PolicyPtr>& policies);
constexpr std::size_t max_samples = 50'000;

}  // namespace csrflow::policies
