// The three patches that are computed over an object's JSON.
#pragma once

#include "api/media.hpp"
#include "api/query.hpp"

namespace csrflow::api {

constexpr std::size_t max_json_patch_operations = 10'000;  // as kube-apiserver

/// What a patch made of an object.
struct Patched {
  std::string object;  ///< JSON text
  /// What a refusal prints as the value: the object, or a strategic merge patch as Go prints a map.
  std::string shown;
  /// Unknown and duplicate fields of the patch itself, in order of appearance.
  std::vector<std::string> problems;
  /// A strategic merge patch is read field by field: kind and apiVersion mean nothing in it.
  bool strategic = false;
};

/// `object` is the whole object with kind and apiVersion. 400 for a patch that cannot be read, 422 for one
/// that cannot be applied. Lists without a merge key are replaced whole; of metadata, ownerReferences merge
/// by uid and finalizers as a set. Not for server-side apply.
std::expected<Patched, Status> apply_patch(PatchType, std::string_view object, std::string_view patch,
                                           FieldValidation = FieldValidation::warn);

}  // namespace csrflow::api
