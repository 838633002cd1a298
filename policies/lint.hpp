// Static checks that need no request. Errors are found by reading (document.hpp); these are the warnings.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "policies/policy.hpp"
#include "policies/problem.hpp"

namespace csrflow::policies {

/// What lint may know of the world; what is absent is not checked.
struct LintContext {
  struct Signer {
    std::string name;
    std::optional<Duration> max_lifetime;
    Strings usages;      ///< empty: any
    Strings algorithms;  ///< empty: any
  };
  std::vector<Signer> signers;
  /// Members of each group that a binding or a past request names; absent: unknown.
  std::optional<std::map<std::string, Strings>> groups;
  std::optional<Strings> users;
};

/// Of these policies together, in their order: W01 … W18, and E12 for cases that fail.
Problems lint(const std::vector<PolicyPtr>& policies, const LintContext& context = {});

}  // namespace csrflow::policies
