#include "api/patch.hpp"

#include <nlohmann/json.hpp>

#include "api/body.hpp"
#include "api/strategic_merge.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

using nlohmann::json;

/// Merging and writing go down level by level; deeper patches are refused.
constexpr int max_patch_depth = 500;
/// What all `copy` operations of a patch together may add: a few of them could double the object each.
constexpr std::size_t max_copied_bytes = 3 * 1024 * 1024;

std::expected<json, Status> parse_patch(std::string_view text) {
  const std::string repaired = valid_utf8(text) ? std::string(text) : repaired_utf8(text);
  bool too_deep = false;
  const auto watch_depth = [&](int depth, json::parse_event_t, json&) {
    too_deep = too_deep || depth > max_patch_depth;
    return !too_deep;
  };
  try {
    json patch = json::parse(repaired, watch_depth);
    if (too_deep) return std::unexpected(status::bad_request("error decoding patch: exceeded max depth"));
    return patch;
  } catch (const json::exception& problem) {
    std::string words = problem.what();
    if (const auto end = words.find("] "); end != std::string::npos) words.erase(0, end + 2);
    return std::unexpected(status::bad_request("error decoding patch: " + words));
  }
}

Status wrong_type(const json& patch, const char* wanted) {
  return status::bad_request(std::string("error decoding patch: json: cannot unmarshal ") +
                             patch.type_name() + " into Go value of type " + wanted);
}

std::expected<json, Status> json_patch(json object, const json& patch) {
  if (!patch.is_array()) return std::unexpected(wrong_type(patch, "[]handlers.jsonPatchOp"));
  if (patch.size() > max_json_patch_operations) {
    return std::unexpected(
        Status{413, "RequestEntityTooLarge",
               "Request entity too large: The allowed maximum operations in a JSON patch is " +
                   std::to_string(max_json_patch_operations) + ", got " + std::to_string(patch.size()),
               std::nullopt});
  }
  for (const json& operation : patch) {
    if (!operation.is_object()) return std::unexpected(wrong_type(operation, "handlers.jsonPatchOp"));
  }
  std::size_t copied = 0;
  try {
    for (const json& operation : patch) {
      if (operation.value("op", "") == "copy") {
        copied += object.at(json::json_pointer(operation.at("from").get<std::string>())).dump().size();
        if (copied > max_copied_bytes) return std::unexpected(status::unprocessable());
      }
      object.patch_inplace(json::array({operation}));
    }
    return object;
  } catch (const json::exception&) {
    return std::unexpected(status::unprocessable());
  }
}

/// What could not be sent as a whole cannot be patched together either.
std::expected<std::string, Status> bounded(std::string object) {
  if (object.size() > max_body_bytes) return std::unexpected(status::too_large(max_body_bytes));
  return object;
}

}  // namespace

std::expected<std::string, Status> apply_patch(PatchType type, std::string_view object,
                                               std::string_view patch_text) {
  const auto patch = parse_patch(patch_text);
  if (!patch) return std::unexpected(patch.error());
  json stored = json::parse(object);
  if (type == PatchType::json) {
    const auto patched = json_patch(std::move(stored), *patch);
    if (!patched) return std::unexpected(patched.error());
    return bounded(patched->dump());
  }
  if (patch->is_null() && type == PatchType::merge) {
    return std::unexpected(status::bad_request("Invalid JSON Patch"));
  }
  if (!patch->is_object() && !patch->is_null()) {
    return std::unexpected(wrong_type(*patch, "map[string]interface {}"));
  }
  if (type == PatchType::merge) {
    stored.merge_patch(*patch);
  } else if (patch->is_object()) {
    if (const auto merged = strategic_merge(stored, *patch); !merged) return std::unexpected(merged.error());
  }
  return bounded(stored.dump());
}

}  // namespace csrflow::api
