// Standing rules that follow the log by themselves, and say what each of its events changes for others.
#pragma once

#include <algorithm>

#include "engine/record.hpp"
#include "engine/rotation_order.hpp"

namespace csrflow::engine {

/// Whose timers may be others than before. Never too few; empty: nobody's.
struct AffectedTimers {
  bool all_requests = false;
  /// Requests for these signers: `example.com/web`, or `example.com/*` for those of a domain.
  std::vector<std::string> signers;
  /// Requests whose approval names one of these rotation policies, whatever their signer.
  std::vector<std::string> policies;
  bool authorities = false;

  bool none() const { return !all_requests && signers.empty() && policies.empty() && !authorities; }
  bool concerns(const CsrState& state) const {
    if (all_requests) return true;
    if (!state.object) return false;
    const std::string_view signer = state.object->spec->signer_name.text;
    return std::ranges::find(policies, state.obligations.rotation_policy) != policies.end() ||
           std::ranges::any_of(signers, [&](std::string_view pattern) {
             return pattern.ends_with("/*") ? signer.starts_with(pattern.substr(0, pattern.size() - 1))
                                            : signer == pattern;
           });
  }
  void add(const AffectedTimers& more) {
    all_requests = all_requests || more.all_requests;
    authorities = authorities || more.authorities;
    signers.insert(signers.end(), more.signers.begin(), more.signers.end());
    policies.insert(policies.end(), more.policies.begin(), more.policies.end());
  }
};

/// Starts at some position of the log and is told of every event after it, in order; each answer is as of the
/// last one that it was told of.
struct FollowedRules : StandingRules {
  virtual AffectedTimers take(const Record&) = 0;
};

}  // namespace csrflow::engine
