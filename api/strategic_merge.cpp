#include "api/strategic_merge.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace csrflow::api {

namespace {

using nlohmann::json;

constexpr const char* directive = "$patch";
constexpr const char* retain_keys = "$retainKeys";
constexpr std::string_view delete_prefix = "$deleteFromPrimitiveList/";
constexpr std::string_view order_prefix = "$setElementOrder/";

struct BadPatch {
  std::string message;
};

enum class ListStrategy { replace, set, by_uid };

ListStrategy strategy_of(const std::string& path) {
  if (path == "metadata.finalizers") return ListStrategy::set;
  if (path == "metadata.ownerReferences") return ListStrategy::by_uid;
  return ListStrategy::replace;
}

std::string go_map(const json& map) {
  std::string out = "map[";
  for (const auto& [key, value] : map.items()) {
    if (out.size() > 4) out += ' ';
    out += key + ':' + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return out + "]";
}

/// What a patch brings where nothing was: without its directives and nulls.
json without_directives(const json& patch) {
  if (patch.is_array()) {
    json list = json::array();
    for (const json& item : patch) {
      if (item.is_object() && item.value(directive, json()) == "delete") continue;
      list.push_back(without_directives(item));
    }
    return list;
  }
  if (!patch.is_object()) return patch;
  json map = json::object();
  for (const auto& [key, value] : patch.items()) {
    if (key == directive || key == retain_keys || key.starts_with(delete_prefix) ||
        key.starts_with(order_prefix)) {
      continue;
    }
    if (!value.is_null()) map[key] = without_directives(value);
  }
  return map;
}

/// What identifies an element: its uid, or itself.
const json& identity(const json& element, ListStrategy strategy) {
  if (strategy == ListStrategy::set) return element;
  const auto uid = element.is_object() ? element.find("uid") : element.end();
  if (!element.is_object() || uid == element.end()) {
    throw BadPatch{"map: " + go_map(element.is_object() ? element : json::object()) +
                   " does not contain declared merge key: uid"};
  }
  return *uid;
}

std::optional<std::size_t> index_of(const json& list, const json& wanted, ListStrategy strategy) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (identity(list[i], strategy) == wanted) return i;
  }
  return std::nullopt;
}

/// Elements that the patch names stand in its order; the others keep their places among those that were
/// there.
json in_order(const json& merged, const json& order, const json& before, ListStrategy strategy) {
  std::vector<const json*> named;
  std::vector<const json*> others;
  for (const json& wanted : order) {
    if (const auto i = index_of(merged, identity(wanted, strategy), strategy)) named.push_back(&merged[*i]);
  }
  for (const json& element : merged) {
    if (!index_of(order, identity(element, strategy), strategy)) others.push_back(&element);
  }
  json out = json::array();
  auto other = others.begin();
  auto name = named.begin();
  while (other != others.end() || name != named.end()) {
    bool take_other = name == named.end();
    if (!take_other && other != others.end()) {
      const auto l = index_of(before, identity(**other, strategy), strategy);
      const auto r = index_of(before, identity(**name, strategy), strategy);
      take_other = l && r && *l < *r;
    }
    out.push_back(take_other ? **other++ : **name++);
  }
  return out;
}

void merge_map(json& original, const json& patch, const std::string& path);

json merged_list(const json& original, const json& patch, ListStrategy strategy, const std::string& path) {
  json result = original;
  json order = json::array();
  for (const json& element : patch) {
    const json kind = element.is_object() ? element.value(directive, json()) : json();
    if (kind == "replace") return without_directives(patch);
    const auto found = index_of(result, identity(element, strategy), strategy);
    if (kind == "delete") {
      if (found) result.erase(*found);
      continue;
    }
    if (!found) {
      result.push_back(without_directives(element));
    } else if (strategy == ListStrategy::by_uid) {
      merge_map(result[*found], element, path);
    }
    order.push_back(element);
  }
  return in_order(result, order, original, strategy);
}

void delete_from_list(json& original, const std::string& key, const json& values) {
  if (!original.contains(key) || !original[key].is_array() || !values.is_array()) return;
  json kept = json::array();
  for (const json& element : original[key]) {
    if (std::find(values.begin(), values.end(), element) == values.end()) kept.push_back(element);
  }
  original[key] = std::move(kept);
}

/// Does the map stay as it is to be merged into? `$patch` may ask for something else.
bool obey_directive(json& original, const json& patch) {
  const auto found = patch.find(directive);
  if (found == patch.end() || *found == "merge") return true;
  if (*found == "replace") {
    original = without_directives(patch);
  } else if (*found == "delete") {
    original = json::object();
  } else {
    throw BadPatch{"unknown patch type: " + (found->is_string() ? found->get<std::string>() : found->dump()) +
                   " in map: " + go_map(patch)};
  }
  return false;
}

void retain(json& original, const json& patch) {
  const auto kept = patch.find(retain_keys);
  if (kept == patch.end()) return;
  if (!kept->is_array()) throw BadPatch{"$retainKeys must be a list"};
  for (auto member = original.begin(); member != original.end();) {
    const bool stays = std::find(kept->begin(), kept->end(), json(member.key())) != kept->end();
    member = stays ? std::next(member) : original.erase(member);
  }
}

void merge_map(json& original, const json& patch, const std::string& path) {
  if (!obey_directive(original, patch)) return;
  retain(original, patch);
  for (const auto& [key, value] : patch.items()) {
    if (key.starts_with(delete_prefix)) delete_from_list(original, key.substr(delete_prefix.size()), value);
  }
  for (const auto& [key, value] : patch.items()) {
    if (key == directive || key == retain_keys || key.starts_with(delete_prefix) ||
        key.starts_with(order_prefix)) {
      continue;
    }
    const std::string below = path.empty() ? key : path + '.' + key;
    if (value.is_null()) {
      original.erase(key);
    } else if (!original.contains(key)) {
      original[key] = without_directives(value);
    } else if (value.is_object() && original[key].is_object()) {
      merge_map(original[key], value, below);
    } else if (value.is_array() && original[key].is_array() && strategy_of(below) != ListStrategy::replace) {
      original[key] = merged_list(original[key], value, strategy_of(below), below);
    } else {
      original[key] = without_directives(value);
    }
  }
  for (const auto& [key, value] : patch.items()) {
    if (!key.starts_with(order_prefix) || !value.is_array()) continue;
    const std::string list = key.substr(order_prefix.size());
    const ListStrategy strategy = strategy_of(path + '.' + list);
    if (strategy == ListStrategy::replace || !original.contains(list) || !original[list].is_array()) continue;
    original[list] = in_order(original[list], value, original[list], strategy);
  }
}

}  // namespace

std::expected<void, Status> strategic_merge(json& object, const json& patch) {
  try {
    merge_map(object, patch, "");
  } catch (const BadPatch& bad) {
    return std::unexpected(status::plain_error(bad.message));
  }
  return {};
}

}  // namespace csrflow::api
