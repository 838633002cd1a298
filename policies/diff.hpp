// The difference of two sets of policies, as requests on which they decide differently.
#pragma once

#include <string>
#include <vector>

#include "policies/evaluation.hpp"

namespace csrflow::policies {

struct Difference {
  std::string request;                ///< the case's short form, one line of JSON
  std::string before, after;          ///< verdicts
  std::string before_why, after_why;  ///< sentences
};
/// Requests are made from what the policies say (each of their patterns, bounds, users … and what is just
/// beyond) and from their cases; deterministic. At most one example for each pair of verdicts and decisive
/// constraints.
std::vector<Difference> diff(const PolicySet& before, const PolicySet& after);

}  // namespace csrflow::policies
