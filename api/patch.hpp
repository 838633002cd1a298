// The three patches that are computed over an object's JSON.
#pragma once

#include "api/media.hpp"

namespace csrflow::api {

constexpr std::size_t max_json_patch_operations = 10'000;  // as kube-apiserver

/// The patched object as JSON text. `object` is the whole object with kind and apiVersion. 400 for a patch
/// that cannot be read, 422 for one that cannot be applied. Lists without a merge key are replaced whole; of
/// metadata, ownerReferences merge by uid and finalizers as a set. Not for server-side apply.
std::expected<std::string, Status> apply_patch(PatchType, std::string_view object, std::string_view patch);

}  // namespace csrflow::api
