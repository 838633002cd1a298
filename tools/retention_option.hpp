// `--csr-retention`.
#pragma once

#include <string>
#include <vector>

#include "engine/retention.hpp"

namespace csrflow::tools {

/// Of `STATE=DURATION` (pending, approved, issued, denied, failed; Go's notation), `expired=true` and
/// `kubernetes`; later ones override earlier ones. Throws SetupError with what to write instead.
engine::Retention retention_of(const std::vector<std::string>& options);

}  // namespace csrflow::tools
