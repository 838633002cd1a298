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
  Status status;
};
[[noreturn]] void refuse(std::string words) {
  throw BadPatch{status::plain_error(std::move(words))};
}

enum class ListStrategy { replace, set, by_uid };

ListStrategy strategy_of(const std::string& path) {
  if (path == "metadata.finalizers") return ListStrategy::set;
  if (path == "metadata.ownerReferences") return ListStrategy::by_uid;
  return ListStrategy::replace;
}

/// The type that Go reads it into.
const char* go_type(const json& value) {
  if (value.is_object()) return "map[string]interface {}";
  if (value.is_array()) return "[]interface {}";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  return value.is_number_float() ? "float64" : value.is_number() ? "int64" : "%!s(<nil>)";
}

/// Members that are null say what shall go; where nothing was they are forgotten.
void discard_nulls(json& patch) {
  if (!patch.is_structured()) return;
  for (auto member = patch.begin(); member != patch.end();) {
    if (patch.is_object() && member->is_null()) {
      member = patch.erase(member);
    } else {
      discard_nulls(*member++);
    }
  }
}

/// What a patch brings where nothing was: without the maps that hold a directive.
std::optional<json> without_directives(json& patch) {
  if (patch.is_array()) {
    json list = json::array();
    for (json& item : patch) {
      if (auto kept = without_directives(item)) list.push_back(std::move(*kept));
    }
    return list;
  }
  if (!patch.is_object()) return patch;
  if (patch.contains(directive)) return std::nullopt;
  for (auto member = patch.begin(); member != patch.end();) {
    if (auto kept = without_directives(*member)) {
      *member++ = std::move(*kept);
    } else {
      member = patch.erase(member);
    }
  }
  return patch;
}

void take(json& original, const std::string& key, json& value) {
  discard_nulls(value);
  if (auto kept = without_directives(value)) {
    original[key] = std::move(*kept);
  } else {
    original.erase(key);
  }
}

/// What identifies an element: its uid, or itself.
const json& identity(const json& element, ListStrategy strategy) {
  if (strategy == ListStrategy::set) return element;
  const auto uid = element.find("uid");
  if (uid == element.end()) refuse("map: " + go_text(element) + " does not contain declared merge key: uid");
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
  std::vector<std::size_t> named;
  std::vector<std::size_t> others;
  for (const json& wanted : order) {
    const auto i = index_of(merged, identity(wanted, strategy), strategy);
    if (i && std::ranges::find(named, *i) == named.end()) named.push_back(*i);
  }
  for (std::size_t i = 0; i < merged.size(); ++i) {
    if (!index_of(order, identity(merged[i], strategy), strategy)) others.push_back(i);
  }
  json out = json::array();
  auto other = others.begin();
  auto name = named.begin();
  while (other != others.end() || name != named.end()) {
    bool take_other = name == named.end();
    if (!take_other && other != others.end()) {
      const auto l = index_of(before, identity(merged[*other], strategy), strategy);
      const auto r = index_of(before, identity(merged[*name], strategy), strategy);
      take_other = l && r && *l < *r;
    }
    out.push_back(merged[take_other ? *other++ : *name++]);
  }
  return out;
}

void merge_map(json& original, json& patch, const std::string& path);

void same_types(const json& original, const json& patch) {
  const json& first = original.empty() ? patch : original;
  if (first.empty()) return;
  // Lists of lists cannot be merged; clients are not told why.
  if (first[0].is_array()) throw BadPatch{status::unprocessable()};
  for (const json* list : {&original, &patch}) {
    for (const json& element : *list) {
      if (go_type(element) != std::string_view(go_type(first[0])))
        refuse("list element types are not identical: [" + go_text(original) + ' ' + go_text(patch) + ']');
    }
  }
}

/// Elements with a directive do what it says; the others remain in `patch`.
void obey_elements(json& original, json& patch) {
  bool replaces = false;
  json ordinary = json::array();
  for (json& element : patch) {
    const auto found = element.find(directive);
    if (found == element.end()) {
      ordinary.push_back(std::move(element));
    } else if (*found == "replace") {
      replaces = true;
    } else if (*found == "merge") {
      refuse("merging lists cannot yet be specified in the patch");
    } else if (*found != "delete") {
      refuse("unknown patch type: " + go_text(*found) + " in map: " + go_text(element));
    } else {
      const json uid = identity(element, ListStrategy::by_uid);
      while (const auto i = index_of(original, uid, ListStrategy::by_uid)) original.erase(*i);
    }
  }
  if (replaces) original = std::move(ordinary);
  patch = replaces ? json::array() : std::move(ordinary);
}

json merged_list(const json& before, json patch, ListStrategy strategy, const std::string& path) {
  same_types(before, patch);
  json result = before;
  if (strategy == ListStrategy::by_uid) obey_elements(result, patch);
  const json original = result;
  const json order = patch;
  for (json& element : patch) {
    const auto found = index_of(result, identity(element, strategy), strategy);
    if (!found) {
      result.push_back(element);
    } else if (strategy == ListStrategy::by_uid) {
      merge_map(result[*found], element, path);
    }
  }
  return in_order(result, order, original, strategy);
}

json without(const json& list, const json& gone) {
  same_types(list, gone);
  json kept = json::array();
  for (const json& element : list) {
    if (std::find(gone.begin(), gone.end(), element) == gone.end()) kept.push_back(element);
  }
  return kept;
}

/// Does the map stay as it is to be merged into? `$patch` may ask for something else.
bool obey_directive(json& original, json& patch) {
  const auto found = patch.find(directive);
  if (found == patch.end()) return true;
  if (*found == "replace") {
    patch.erase(found);
    original = patch;
  } else if (*found == "delete") {
    original = json::object();
  } else {
    refuse("unknown patch type: " + (found->is_null() ? "%!s(<nil>)" : go_text(*found)) +
           " in map: " + go_text(patch));
  }
  return false;
}

void retain(json& original, json& patch) {
  const auto found = patch.find(retain_keys);
  if (found == patch.end()) return;
  const json kept = *found;
  patch.erase(found);
  const auto stays = [&](const std::string& key) {
    return std::find(kept.begin(), kept.end(), json(key)) != kept.end();
  };
  const bool agrees = kept.is_array() && std::ranges::all_of(patch.items(), [&](const auto& member) {
                        return member.value().is_null() || member.key().starts_with(delete_prefix) ||
                               member.key().starts_with(order_prefix) || stays(member.key());
                      });
  if (!agrees) throw BadPatch{status::bad_request("invalid patch format of retainKeys")};
  for (auto member = original.begin(); member != original.end();) {
    member = stays(member.key()) ? std::next(member) : original.erase(member);
  }
}

const json& must_be_list(const json& value) {
  if (!value.is_array()) refuse(std::string("expected a []interface {}, but received a ") + go_type(value));
  return value;
}

/// The elements of a patch stand in the order that the same patch asks for.
void check_order(const json& patch, const json& order, ListStrategy strategy) {
  if (patch.empty() || order.empty()) return;
  auto wanted = order.begin();
  for (const json& element : patch) {
    if (element.is_object() && element.contains(directive)) continue;
    while (wanted != order.end() && identity(*wanted, strategy) != identity(element, strategy)) ++wanted;
    if (wanted == order.end()) {
      refuse("The order in patch list:\n" + go_text(patch) + "\n doesn't match $setElementOrder list:\n" +
             go_text(order) + "\n");
    }
    ++wanted;
  }
}

/// `$setElementOrder/LIST`, together with what the patch says of the list; both leave the patch.
void set_orders(json& original, json& patch, const std::string& path) {
  std::vector<std::string> ordered;
  for (const auto& [key, value] : patch.items()) {
    if (key.starts_with(order_prefix)) ordered.push_back(key);
  }
  for (const std::string& key : ordered) {
    const json order = must_be_list(patch[key]);
    patch.erase(key);
    const std::string name = key.substr(order_prefix.size());
    const ListStrategy strategy = strategy_of(path + '.' + name);
    if (strategy == ListStrategy::replace) continue;
    const json before = original.contains(name) ? must_be_list(original[name]) : json();
    json brought = patch.contains(name) ? must_be_list(patch[name]) : json();
    patch.erase(name);
    if (before.is_null() && brought.is_null()) continue;
    check_order(brought, order, strategy);
    json merged = before;
    if (before.is_null()) {
      merged = *without_directives(brought);
    } else if (!brought.is_null()) {
      merged = merged_list(before, brought, strategy, path + '.' + name);
    }
    original[name] = in_order(merged, order, before, strategy);
  }
}

void merge_map(json& original, json& patch, const std::string& path) {
  if (!obey_directive(original, patch)) return;
  retain(original, patch);
  set_orders(original, patch, path);
  for (auto& [sent_key, value] : patch.items()) {
    const bool deletes = sent_key.starts_with(delete_prefix);
    const std::string key = deletes ? sent_key.substr(delete_prefix.size()) : sent_key;
    const std::string below = path.empty() ? key : path + '.' + key;
    const auto stored = original.find(key);
    if (value.is_null()) {
      original.erase(key);
    } else if (deletes) {
      if (stored != original.end() && stored->is_array() && value.is_array())
        *stored = without(*stored, value);
    } else if (stored == original.end() || go_type(*stored) != std::string_view(go_type(value))) {
      take(original, key, value);
    } else if (value.is_object()) {
      merge_map(*stored, value, below);
    } else if (value.is_array() && strategy_of(below) != ListStrategy::replace) {
      *stored = merged_list(*stored, value, strategy_of(below), below);
    } else {
      *stored = value;
    }
  }
}

}  // namespace

std::string go_text(const json& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  std::string out = value.is_object() ? "map[" : "[";
  const std::size_t start = out.size();
  for (const auto& [key, member] : value.items()) {
    if (out.size() > start) out += ' ';
    out += (value.is_object() ? key + ':' : "") + go_text(member);
  }
  return out + "]";
}

std::expected<void, Status> strategic_merge(json& object, json& patch) {
  try {
    merge_map(object, patch, "");
  } catch (const BadPatch& bad) {
    return std::unexpected(bad.status);
  }
  return {};
}

}  // namespace csrflow::api
