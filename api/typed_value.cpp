#include "api/typed_value.hpp"

#include "api/status.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;
using Kind = FieldType::Kind;

// ---- values as Go prints them -------------------------------------------------------------------

std::string go_value(const json& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [key, inner] : value.items()) {
    if (!out.empty()) out += ' ';
    out += value.is_object() ? key + ':' + go_value(inner) : go_value(inner);
  }
  return (value.is_object() ? "map[" : "[") + out + ']';
}

std::string go_type(const json& value) {
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  return value.is_array() ? "[]interface {}" : "map[string]interface {}";
}

std::string go_source(const json& value) {
  if (value.is_null()) return "interface {}(nil)";
  if (value.is_string()) return go_quote(value.get_ref<const std::string&>());
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [key, inner] : value.items()) {
    if (!out.empty()) out += ", ";
    out += value.is_object() ? go_quote(key) + ':' + go_source(inner) : go_source(inner);
  }
  return go_type(value) + '{' + out + '}';
}

// ---- checking -----------------------------------------------------------------------------------

class Checker {
 public:
  explicit Checker(Duplicates duplicates) : duplicates_(duplicates) {}

  void check(const FieldType& type, const json& value) {
    if (value.is_null()) return;
    switch (type.kind) {
      case Kind::text:
        if (!value.is_string())
          report("expected string, got &value.valueUnstructured{Value:" + go_source(value) + '}');
        break;
      case Kind::number:
        if (!value.is_number()) report("expected numeric (int or float), got " + go_type(value));
        break;
      case Kind::boolean:
        if (!value.is_boolean()) report("expected boolean, got &{" + go_value(value) + '}');
        break;
      case Kind::scalar:
        if (value.is_structured()) report("expected any scalar, got &{" + go_value(value) + '}');
        break;
      case Kind::list:
        check_list(type, value);
        break;
      case Kind::map:
        check_map(type, value);
        break;
      case Kind::any:
        break;
    }
  }

  std::vector<std::string> problems;

 private:
  void report(const std::string& what) {
    const std::string path = path_text(path_);
    problems.push_back(path.empty() ? what : path + ": " + what);
  }

  void inside(PathElement element, const FieldType& type, const json& value) {
    path_.push_back(std::move(element));
    check(type, value);
    path_.pop_back();
  }

  void check_list(const FieldType& type, const json& value) {
    if (!value.is_array()) return report("expected list, got &{" + go_value(value) + '}');
    FieldSet seen;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (type.atomic) {
        inside({PathElement::Kind::index, {}, i}, *type.element, value[i]);
        continue;
      }
      auto element = item_element(type, value[i]);
      if (!element) return report("element " + std::to_string(i) + ": " + element.error());
      if (seen.has({*element}) && duplicates_ == Duplicates::refused)
        report("duplicate entries for key " + element->text());
      seen.insert({*element});
      inside(std::move(*element), *type.element, value[i]);
    }
  }

  void check_map(const FieldType& type, const json& value) {
    if (!value.is_object()) return report("expected map, got &{" + go_value(value) + '}');
    for (const auto& [name, field] : value.items()) {
      const auto* declared = type.field(name);
      const FieldType* of_field = declared ? declared->type : type.element;
      path_.push_back(PathElement::field(name));
      if (of_field) check(*of_field, field);
      if (!of_field) report("field not declared in schema");
      path_.pop_back();
      if (!of_field) return;
    }
  }

  const Duplicates duplicates_;
  FieldPath path_;
};

// ---- mentioned fields ---------------------------------------------------------------------------

class Mentions {
 public:
  void walk(const FieldType& type, const json& value) {
    if (type.kind == Kind::map && !type.atomic) return walk_map(type, value);
    if (type.kind == Kind::list && !type.atomic) return walk_list(type, value);
    set.insert(path_);
  }

  FieldSet set;

 private:
  void walk_map(const FieldType& type, const json& value) {
    if (!value.is_object()) return;
    for (const auto& [name, field] : value.items()) {
      const auto* declared = type.field(name);
      const FieldType* of_field = declared ? declared->type : type.element;
      path_.push_back(PathElement::field(name));
      if (of_field) walk(*of_field, field);
      const bool nothing = field.is_null() || (field.is_object() && field.empty());
      if (nothing || declared == nullptr) set.insert(path_);
      path_.pop_back();
    }
  }

  void walk_list(const FieldType& type, const json& value) {
    if (!value.is_array()) return;
    FieldSet seen, twice;
    for (const json& item : value) {
      const auto element = item_element(type, item);
      if (!element) continue;
      (seen.has({*element}) ? twice : seen).insert({*element});
    }
    for (const json& item : value) {
      const auto element = item_element(type, item);
      if (!element) continue;
      path_.push_back(*element);
      if (!twice.has({*element})) walk(*type.element, item);
      set.insert(path_);
      path_.pop_back();
    }
  }

  FieldPath path_;
};

// ---- removing -----------------------------------------------------------------------------------

json remove_items(const FieldType& type, const json& value, const FieldSet& set) {
  if (!value.is_array() || type.atomic) return nullptr;
  json kept = json::array();
  for (const json& item : value) {
    const auto element = item_element(type, item);
    const FieldNode* node = element ? set.find(*element) : nullptr;
    if (node && node->member) continue;
    kept.push_back(node ? remove_fields(*type.element, item, node->below) : item);
  }
  return kept.empty() ? json() : kept;
}

json remove_members(const FieldType& type, const json& value, const FieldSet& set) {
  if (!value.is_object() || type.atomic) return nullptr;
  json kept = json::object();
  for (const auto& [name, field] : value.items()) {
    const FieldNode* node = set.find(PathElement::field(name));
    if (node && node->member) continue;
    const auto* declared = type.field(name);
    const FieldType* of_field = declared ? declared->type : type.element;
    kept[name] = node && of_field ? remove_fields(*of_field, field, node->below) : field;
  }
  return kept.empty() ? json() : kept;
}

}  // namespace

std::expected<PathElement, std::string> item_element(const FieldType& list, const json& item) {
  if (list.keys.empty()) {
    if (item.is_object())
      return std::unexpected("associative list without keys has an element that's a map type");
    if (item.is_array()) return std::unexpected("not supported: associative list with lists as elements");
    if (item.is_null())
      return std::unexpected("associative list without keys has an element that's an explicit null");
    return PathElement{PathElement::Kind::value, {}, item};
  }
  if (item.is_null()) return std::unexpected("associative list with keys may not have a null element");
  if (!item.is_object()) return std::unexpected("associative list with keys may not have non-map elements");
  json keys = json::object();
  for (const std::string& key : list.keys) {
    const auto at = item.find(key);
    const auto* declared = list.element->field(key);
    if (at != item.end()) {
      keys[key] = *at;
    } else if (declared && !declared->default_value.is_null()) {
      keys[key] = declared->default_value;
    }
  }
  if (!keys.empty()) return PathElement{PathElement::Kind::key, {}, std::move(keys)};
  std::string names;
  for (const std::string& key : list.keys) names += (names.empty() ? "" : " ") + go_quote(key);
  return std::unexpected("associative list with keys has an element that omits all key fields [" + names +
                         "] (and doesn't have default values for any key fields)");
}

std::expected<void, std::string> check_typed(const FieldType& type, const json& value,
                                             Duplicates duplicates) {
  Checker checker(duplicates);
  checker.check(type, value);
  if (checker.problems.empty()) return {};
  if (checker.problems.size() == 1) return std::unexpected(checker.problems.front());
  std::string all = "errors:";
  for (const std::string& problem : checker.problems) all += "\n  " + problem;
  return std::unexpected(std::move(all));
}

FieldSet mentioned_fields(const FieldType& type, const json& value) {
  Mentions mentions;
  mentions.walk(type, value);
  return std::move(mentions.set);
}

json remove_fields(const FieldType& type, const json& value, const FieldSet& set) {
  if (type.kind == Kind::list) return remove_items(type, value, set);
  return type.kind == Kind::map ? remove_members(type, value, set) : value;
}

FieldSet with_declared_fields(const FieldType* type, const FieldSet& set) {
  FieldSet all;
  for (const FieldNode& node : set.nodes) {
    const bool named = node.element.kind == PathElement::Kind::field;
    const bool map = type && type->kind == Kind::map;
    const auto* declared = named && map ? type->field(node.element.name) : nullptr;
    const FieldType* below = nullptr;
    if (named && map) below = declared ? declared->type : type->element;
    if (node.element.kind == PathElement::Kind::key && type && type->kind == Kind::list)
      below = type->element;
    all.nodes.push_back({node.element, node.member || (declared && !node.below.empty()),
                         with_declared_fields(below, node.below)});
  }
  return all;
}

}  // namespace csrflow::api
