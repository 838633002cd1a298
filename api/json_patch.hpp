// JSON patches (RFC 6902) as Kubernetes' library applies them: it lets more pass than the RFC does.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace csrflow::api {

/// Why a patch cannot be applied; clients are not told.
struct InapplicablePatch {};

/// Applies the operations in order; `patch` is a list of objects, or null. Beyond the RFC: `replace` sets a
/// member that is not there, `copy` of such a one adds null, `test` for null passes on it, an index may be
/// negative (-1 is the last) or have a sign and leading zeros, and whatever stands before a pointer's first
/// slash is skipped. What all `copy` operations add is bounded. Throws InapplicablePatch.
void apply_json_patch(nlohmann::json& object, const nlohmann::json& patch);

}  // namespace csrflow::api
