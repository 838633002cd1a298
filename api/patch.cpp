#include "api/patch.hpp"

#include <nlohmann/json.hpp>

#include "api/body.hpp"
#include "api/field_reader.hpp"
#include "api/json_patch.hpp"
#include "api/strategic_merge.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

using nlohmann::json;

/// Merging and writing go down level by level; deeper patches are refused.
constexpr int max_patch_depth = 500;

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
  if (!patch.is_array() && !patch.is_null())
    return std::unexpected(wrong_type(patch, "[]handlers.jsonPatchOp"));
  if (patch.size() > max_json_patch_operations) {
    return std::unexpected(
        Status{413, "RequestEntityTooLarge",
               "Request entity too large: The allowed maximum operations in a JSON patch is " +
                   std::to_string(max_json_patch_operations) + ", got " + std::to_string(patch.size()),
               std::nullopt});
  }
  for (const json& operation : patch) {
    if (!operation.is_object() && !operation.is_null())
      return std::unexpected(wrong_type(operation, "handlers.jsonPatchOp"));
  }
  try {
    apply_json_patch(object, patch);
    return object;
  } catch (const InapplicablePatch&) {
    return std::unexpected(status::unprocessable());
  }
}

/// Null members of maps in the lists of a merge patch are left out.
void drop_nulls_in_lists(json& value, bool in_list) {
  if (!value.is_structured()) return;
  for (auto member = value.begin(); member != value.end();) {
    if (member->is_null() && in_list && value.is_object()) {
      member = value.erase(member);
    } else {
      drop_nulls_in_lists(*member++, in_list || value.is_array());
    }
  }
}

/// The unknown and duplicate fields of a patch. Throws FieldMismatch.
std::vector<std::string> problems_of(PatchType type, std::string_view text) {
  const auto tree = parse_json(text);
  if (!tree) throw FieldMismatch{tree.error()};
  if (type != PatchType::json) {
    FieldReader reader("");
    reader.untyped(*tree, "");
    return std::move(reader.problems);
  }
  FieldReader reader("jsonPatchOp");
  reader.list(*tree, "", "[]handlers.jsonPatchOp", [&](const JsonValue& operation) {
    reader.object(operation, "", [&](const std::string& key, const JsonValue& value) {
      if (key == "value") {
        reader.untyped(value, key);
      } else if (key == "op" || key == "path" || key == "from") {
        reader.text(value, key);
      } else {
        return false;
      }
      return true;
    });
  });
  for (std::string& problem : reader.problems) problem.insert(0, "json patch ");
  return std::move(reader.problems);
}

std::expected<void, Status> read_problems(Patched& result, PatchType type, std::string_view text,
                                          FieldValidation validation) {
  if (validation == FieldValidation::ignore) return {};
  try {
    result.problems = problems_of(type, text);
    return {};
  } catch (const FieldMismatch& mismatch) {
    return std::unexpected(status::bad_request("error decoding patch: " + mismatch.message));
  }
}

/// What could not be sent as a whole cannot be patched together either.
std::expected<Patched, Status> bounded(Patched result, const json& object) {
  result.object = object.dump();
  if (result.object.size() > max_body_bytes) return std::unexpected(status::too_large(max_body_bytes));
  if (!result.strategic) result.shown = result.object;
  return result;
}

}  // namespace

std::expected<Patched, Status> apply_patch(PatchType type, std::string_view object,
                                           std::string_view patch_text, FieldValidation validation) {
  auto patch = parse_patch(patch_text);
  if (!patch) return std::unexpected(patch.error());
  Patched result{.object = {}, .shown = {}, .problems = {}, .strategic = type == PatchType::strategic};
  json stored = json::parse(object);
  if (type == PatchType::json) {
    const auto patched = json_patch(std::move(stored), *patch);
    // A field of a wrong type is a 400 even in a patch that does not fit either.
    if (!patched && patched.error().code != 422) return std::unexpected(patched.error());
    if (const auto read = read_problems(result, type, patch_text, validation); !read)
      return std::unexpected(read.error());
    if (!patched) return std::unexpected(patched.error());
    return bounded(std::move(result), *patched);
  }
  if (patch->is_null() && type == PatchType::merge) {
    return std::unexpected(status::bad_request("Invalid JSON Patch"));
  }
  if (!patch->is_object() && !patch->is_null()) {
    return std::unexpected(wrong_type(*patch, "map[string]interface {}"));
  }
  if (type == PatchType::merge) {
    drop_nulls_in_lists(*patch, false);
    stored.merge_patch(*patch);
  } else if (patch->is_object()) {
    if (const auto merged = strategic_merge(stored, *patch); !merged) return std::unexpected(merged.error());
  }
  if (const auto read = read_problems(result, type, patch_text, validation); !read)
    return std::unexpected(read.error());
  if (type == PatchType::strategic) result.shown = go_text(*patch);
  return bounded(std::move(result), stored);
}

}  // namespace csrflow::api
