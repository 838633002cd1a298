// Two values of a type side by side: what changed between them, and one merged over the other.
#include <algorithm>
#include <optional>

#include "api/typed_value.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;
using Kind = FieldType::Kind;

bool has_nothing(const json* value) {
  return value == nullptr || !value->is_structured() || value->empty();
}

/// Is the pair looked at as a whole? Empty against empty is: so null and empty stay different.
bool whole(const FieldType& type, const json* left, const json* right) {
  return (type.kind != Kind::list && type.kind != Kind::map) || type.atomic ||
         (has_nothing(left) && has_nothing(right));
}

const FieldType* type_of_field(const FieldType& map, const std::string& name) {
  const auto* declared = map.field(name);
  return declared ? declared->type : map.element;
}

/// The names of both maps, each once, in order.
template <class Each>
void for_each_name(const json* left, const json* right, Each each) {
  static const json none = json::object();
  const json& l = has_nothing(left) || !left->is_object() ? none : *left;
  const json& r = has_nothing(right) || !right->is_object() ? none : *right;
  for (const auto& [name, value] : l.items()) {
    const auto other = r.find(name);
    each(name, &value, other == r.end() ? nullptr : &*other);
  }
  for (const auto& [name, value] : r.items()) {
    if (!l.contains(name)) each(name, nullptr, &value);
  }
}

/// The items of a list by what identifies them.
struct Items {
  Items(const FieldType& type, const json* list) {
    if (has_nothing(list) || !list->is_array()) return;
    for (const json& item : *list) {
      auto element = item_element(type, item);
      if (!element) continue;
      by_element[*element].push_back(&item);
      order.push_back(std::move(*element));
      in_order.push_back(&item);
    }
  }
  const std::vector<const json*>& of(const PathElement& element) const {
    static const std::vector<const json*> none;
    const auto found = by_element.find(element);
    return found == by_element.end() ? none : found->second;
  }
  bool contains(const PathElement& element) const { return by_element.contains(element); }

  std::vector<PathElement> order;
  std::vector<const json*> in_order;
  std::map<PathElement, std::vector<const json*>> by_element;
};

// ---- comparing ----------------------------------------------------------------------------------

class Comparison {
 public:
  void compare(const FieldType& type, const json* before, const json* after) {
    if (whole(type, before, after)) {
      if (before && after && *before != *after) changes.modified.insert(path_);
    } else if (type.kind == Kind::map) {
      for_each_name(before, after, [&](const std::string& name, const json* left, const json* right) {
        if (const auto* of_field = type_of_field(type, name))
          below(PathElement::field(name), *of_field, left, right);
      });
    } else {
      compare_lists(type, Items(type, before), Items(type, after));
    }
    if (before == nullptr) changes.added.insert(path_);
    if (after == nullptr) changes.removed.insert(path_);
  }

  FieldChanges changes;

 private:
  void below(const PathElement& element, const FieldType& type, const json* before, const json* after) {
    path_.push_back(element);
    compare(type, before, after);
    path_.pop_back();
  }

  void mark(FieldSet& set, const PathElement& element) {
    path_.push_back(element);
    set.insert(path_);
    path_.pop_back();
  }

  void compare_lists(const FieldType& type, const Items& before, const Items& after) {
    for (const auto& [element, items] : before.by_element)
      compare_items(type, element, items, after.of(element));
    for (const auto& [element, items] : after.by_element)
      if (!before.contains(element)) compare_items(type, element, {}, items);
  }

  /// Items of the same key. Several count as one field, owned as a whole.
  void compare_items(const FieldType& type, const PathElement& element,
                     const std::vector<const json*>& before, const std::vector<const json*>& after) {
    const json* first_before = before.empty() ? nullptr : before.front();
    const json* first_after = after.empty() ? nullptr : after.front();
    if (before.size() <= 1 && after.size() <= 1)
      return below(element, *type.element, first_before, first_after);
    if (before.size() >= 2 && after.size() >= 2) {
      const auto same = [](const json* left, const json* right) { return *left == *right; };
      if (!std::ranges::equal(before, after, same)) mark(changes.modified, element);
    } else if (before.size() >= 2) {
      if (first_after) below(element, *type.element, nullptr, first_after);
      mark(changes.removed, element);
    } else {
      if (first_before) below(element, *type.element, first_before, nullptr);
      mark(changes.added, element);
    }
  }

  FieldPath path_;
};

// ---- merging ------------------------------------------------------------------------------------

std::optional<json> merged(const FieldType&, const json* base, const json* over);

std::optional<json> merged_maps(const FieldType& type, const json* base, const json* over) {
  json out = json::object();
  for_each_name(base, over, [&](const std::string& name, const json* left, const json* right) {
    const auto* of_field = type_of_field(type, name);
    if (of_field == nullptr) return;
    if (auto value = merged(*of_field, left, right)) out[name] = std::move(*value);
  });
  if (out.empty()) return std::nullopt;
  return out;
}

/// Items of both lists: those that both have in the order of `over`, the rest where it stood.
class MergedList {
 public:
  MergedList(const FieldType& type, const json* base, const json* over)
      : type_(type), base_(type, base), over_(type, over) {
    for (const PathElement& element : over_.order)
      if (base_.contains(element)) shared_.push_back(element);
    const std::size_t of_base = base_.order.size();
    const std::size_t of_over = over_.order.size();
    while (b_ < of_base || o_ < of_over) {
      if (b_ < of_base && o_ < of_over && step_both()) continue;
      if (b_ < of_base && step_base()) continue;
      if (o_ < of_over) take_over();
    }
  }

  json out = json::array();

 private:
  void add(const json* left, const json* right) {
    if (auto value = merged(*type_.element, left, right)) out.push_back(std::move(*value));
  }
  /// Of several with the same key none is merged with.
  const json* only(const PathElement& element) const {
    static const json null;
    const auto& items = base_.of(element);
    if (items.empty()) return nullptr;
    return items.size() == 1 ? items.front() : &null;
  }
  bool is_next_shared(const PathElement& element) const {
    return next_ < shared_.size() && shared_[next_] == element;
  }

  bool step_both() {
    const PathElement& element = base_.order[b_];
    if (element == over_.order[o_]) {
      done_.insert({element});
      add(only(element), over_.in_order[o_]);
      ++b_, ++o_, ++next_;
      return true;
    }
    if (!over_.contains(element) || next_ >= shared_.size() || is_next_shared(element)) return false;
    ++b_;  // its turn comes in the other's order
    return true;
  }
  bool step_base() {
    const PathElement& element = base_.order[b_];
    if (!over_.contains(element)) {
      add(base_.in_order[b_++], nullptr);
      return true;
    }
    if (done_.has({element})) ++b_;
    return false;
  }
  void take_over() {
    const PathElement& element = over_.order[o_];
    done_.insert({element});
    add(only(element), over_.in_order[o_++]);
    if (is_next_shared(element)) ++next_;
  }

  const FieldType& type_;
  const Items base_, over_;
  std::vector<PathElement> shared_;
  std::size_t b_ = 0, o_ = 0, next_ = 0;
  FieldSet done_;
};

std::optional<json> merged(const FieldType& type, const json* base, const json* over) {
  if (whole(type, base, over)) return over ? *over : *base;
  if (type.kind == Kind::map) return merged_maps(type, base, over);
  MergedList list(type, base, over);
  if (list.out.empty()) return std::nullopt;
  return std::move(list.out);
}

}  // namespace

FieldChanges compare_fields(const FieldType& type, const json& before, const json& after) {
  Comparison comparison;
  comparison.compare(type, &before, &after);
  return std::move(comparison.changes);
}

json merge_fields(const FieldType& type, const json& base, const json& over) {
  return merged(type, &base, &over).value_or(json());
}

}  // namespace csrflow::api
