// What is wrong with the patterns of one policy. Internal to lint.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "policies/policy.hpp"

namespace csrflow::policies {

using Warn = std::function<void(std::string_view code, const std::string& path, const std::string& text)>;
/// W02, W05, W06, W07 and W16.
void lint_patterns(const ApprovalPolicy&, const Warn&);

}  // namespace csrflow::policies
