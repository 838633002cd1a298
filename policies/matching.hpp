// Whether a request is among those that a document means.
#pragma once

#include "policies/facts.hpp"
#include "policies/policy.hpp"

namespace csrflow::policies {

// `steps` grows by what it costs.
bool fits(const Requesters&, const Requester&, std::uint64_t& steps);
bool fits(const LabelSelector&, const engine::StringMap& labels, std::uint64_t& steps);

}  // namespace csrflow::policies
