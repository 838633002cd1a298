// Which policies were in force, position by position; and which would have been.
#pragma once

#include <memory>
#include <vector>

#include "policies/evaluation.hpp"
#include "policies/replay.hpp"

namespace csrflow::policies {

struct PolicyEra {
  engine::Position from;  ///< of the change that began it; 0: from the beginning
  engine::Timestamp at;
  std::shared_ptr<const PolicySet> then, replayed;
};

/// Immutable.
class PolicyEras {
 public:
  PolicyEras(const std::vector<PolicyChange>&, const std::vector<PolicyPtr>& given, bool only);

  /// What was in force when the event at `position` was decided.
  const PolicyEra& before(engine::Position position) const;
  /// Those that begin after `after` and before `until`, and bring other replayed policies.
  std::vector<const PolicyEra*> changes(engine::Position after, engine::Position until) const;
  const std::vector<PolicyEra>& all() const { return eras_; }

 private:
  std::vector<PolicyEra> eras_;
};

/// What of the past some policy looks at, so that nothing else is gathered.
struct PastNeeds {
  bool key_uses = false, predecessors = false, rates = false;
};
PastNeeds needs_of(const PolicyEras&);

}  // namespace csrflow::policies
