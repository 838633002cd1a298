// Kubernetes' strategic merge patch (apimachinery util/strategicpatch) for objects whose only lists with a
// merge strategy are those of their metadata.
#pragma once

#include <expected>
#include <nlohmann/json_fwd.hpp>

#include "api/status.hpp"

namespace csrflow::api {

/// Merges `patch` into `object`. 500 without reason for directives that do not exist, as kube-apiserver.
std::expected<void, Status> strategic_merge(nlohmann::json& object, const nlohmann::json& patch);

}  // namespace csrflow::api
