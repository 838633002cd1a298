// Follows github.com/evanphx/json-patch v4, which kube-apiserver uses. An absent member and null are the same
// to it.
#include "api/json_patch.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace csrflow::api {

namespace {

using nlohmann::json;

/// What all `copy` operations of a patch together may add: a few of them could double the object each.
constexpr std::size_t max_copied_bytes = 3 * 1024 * 1024;

/// RFC 6901 4; a tilde before anything else stays.
std::string unescaped(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char next = token[i] == '~' && i + 1 < token.size() ? token[i + 1] : '\0';
    if (next == '0' || next == '1') ++i;
    out += next == '0' ? '~' : next == '1' ? '/' : token[i];
  }
  return out;
}

/// As Go's strconv.Atoi.
std::optional<long> index_number(std::string_view text) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  long number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// An index below `end`; a negative one counts from `end`.
std::size_t index_below(const std::string& key, std::size_t end) {
  const auto number = index_number(key);
  const auto limit = static_cast<long>(end);
  if (!number || *number >= limit || *number < -limit) throw InapplicablePatch{};
  return static_cast<std::size_t>(*number < 0 ? *number + limit : *number);
}

/// A member of an object or an element of a list, which need not be there.
struct Place {
  json* container;
  std::string key;

  /// Null when there is none.
  const json* found() const {
    if (container->is_array()) return &(*container)[index_below(key, container->size())];
    const auto member = container->find(key);
    return member == container->end() ? nullptr : &*member;
  }
  void set(json value) const {
    if (container->is_array()) {
      (*container)[index_below(key, container->size())] = std::move(value);
    } else {
      (*container)[key] = std::move(value);
    }
  }
  void add(json value) const {
    if (!container->is_array()) {
      (*container)[key] = std::move(value);
    } else if (key == "-") {
      container->push_back(std::move(value));
    } else {
      const auto at = static_cast<json::difference_type>(index_below(key, container->size() + 1));
      container->insert(container->begin() + at, std::move(value));
    }
  }
  void remove() const {
    if (container->is_array()) {
      container->erase(index_below(key, container->size()));
    } else if (container->erase(key) == 0) {
      throw InapplicablePatch{};
    }
  }
};

Place place_of(json& document, const std::string& pointer) {
  std::size_t slash = pointer.find('/');
  if (slash == std::string::npos) throw InapplicablePatch{};
  json* container = &document;
  while (true) {
    const std::size_t next = pointer.find('/', slash + 1);
    const std::string key = unescaped(
        std::string_view(pointer).substr(slash + 1, next == std::string::npos ? next : next - slash - 1));
    if (!container->is_structured()) throw InapplicablePatch{};
    if (next == std::string::npos) return {container, key};
    if (container->is_array()) {
      container = &(*container)[index_below(key, container->size())];
    } else {
      const auto member = container->find(key);
      if (member == container->end()) throw InapplicablePatch{};
      container = &*member;
    }
    slash = next;
  }
}

std::string text_of(const json& operation, const char* name) {
  const auto found = operation.find(name);
  if (found == operation.end() || !found->is_string()) throw InapplicablePatch{};
  return found->get<std::string>();
}

/// 1 and 1.0 are different texts, so they differ.
bool same(const json& one, const json& other) {
  if (one.is_number() || other.is_number())
    return one.is_number_float() == other.is_number_float() && one == other;
  if (one.type() != other.type() || one.size() != other.size()) return false;
  if (one.is_array()) return std::equal(one.begin(), one.end(), other.begin(), same);
  if (!one.is_object()) return one == other;
  for (auto a = one.begin(), b = other.begin(); a != one.end(); ++a, ++b) {
    if (a.key() != b.key() || !same(*a, *b)) return false;
  }
  return true;
}

bool holds(json& document, const std::string& pointer, const json* wanted) {
  if (pointer.empty()) return wanted != nullptr && same(document, *wanted);
  const json* found = place_of(document, pointer).found();
  if (found == nullptr || found->is_null()) return wanted == nullptr || wanted->is_null();
  return wanted != nullptr && same(*found, *wanted);
}

void replace(json& document, const std::string& pointer, const json* value) {
  if (pointer.empty()) {
    if (value == nullptr || !value->is_structured()) throw InapplicablePatch{};
    document = json(*value);
    return;
  }
  const Place place = place_of(document, pointer);
  place.set(value == nullptr ? json() : *value);
}

json copied(json& document, const json& operation) {
  const json* found = place_of(document, text_of(operation, "from")).found();
  return found == nullptr ? json() : *found;
}

/// The bytes that a copy added.
std::size_t apply(json& document, const json& operation) {
  const std::string op = text_of(operation, "op");
  if (op == "move" || op == "copy") {
    json value = copied(document, operation);
    if (op == "move") place_of(document, text_of(operation, "from")).remove();
    const std::size_t added = op == "copy" ? value.dump().size() : 0;
    place_of(document, text_of(operation, "path")).add(std::move(value));
    return added;
  }
  const std::string path = text_of(operation, "path");
  const auto member = operation.find("value");
  const json* value = member == operation.end() ? nullptr : &*member;
  if (op == "add") {
    place_of(document, path).add(value == nullptr ? json() : *value);
  } else if (op == "remove") {
    place_of(document, path).remove();
  } else if (op == "replace") {
    replace(document, path, value);
  } else if (op != "test" || !holds(document, path, value)) {
    throw InapplicablePatch{};
  }
  return 0;
}

}  // namespace

void apply_json_patch(json& object, const json& patch) {
  std::size_t added = 0;
  for (const json& operation : patch) {
    if (!operation.is_object()) throw InapplicablePatch{};
    added += apply(object, operation);
    if (added > max_copied_bytes) throw InapplicablePatch{};
  }
}

}  // namespace csrflow::api
