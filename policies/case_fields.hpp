// The fields of a case's request, read as facts. Internal.
#pragma once

#include <optional>

#include "policies/facts.hpp"
#include "policies/field_codec.hpp"
#include "policies/policy.hpp"

namespace csrflow::policies {

/// Nothing when there were errors.
std::optional<Facts> read_request(Reading&, const Tree& request, const ApprovalPolicy* policy);

}  // namespace csrflow::policies
