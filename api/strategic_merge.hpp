// Kubernetes' strategic merge patch (apimachinery util/strategicpatch) for objects whose only lists with a
// merge strategy are those of their metadata.
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>

#include "api/status.hpp"

namespace csrflow::api {

/// Merges `patch` into `object`. 500 without reason for directives that do not exist, as kube-apiserver; 400
/// and 422 for some that are misused. `patch` loses the directives that were obeyed and the nulls that found
/// nothing, so that refusals of the result show of it what kube-apiserver shows.
std::expected<void, Status> strategic_merge(nlohmann::json& object, nlohmann::json& patch);

/// As Go prints what it read from JSON with `%+v`: `map[a:1 b:[x <nil>]]`.
std::string go_text(const nlohmann::json&);

}  // namespace csrflow::api
