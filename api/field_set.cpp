// FieldsV1 is a JSON object. Its keys are path elements (`f:name`, `k:{"type":"Approved"}`, `v:"x"`, `i:0`),
// its values the sets below them; `{}` is a member without anything below it, and the key `.` makes a member
// of an element that has something below it.
#include "api/field_set.hpp"

#include <algorithm>

#include "api/status.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using nlohmann::json;
using Kind = PathElement::Kind;

std::strong_ordering by_number(double left, double right) {
  if (left < right) return std::strong_ordering::less;
  return left > right ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// Numbers, texts, booleans, lists, maps, null: the order of values of different types.
int rank(const json& value) {
  if (value.is_number()) return 0;
  if (value.is_string()) return 1;
  if (value.is_boolean()) return 2;
  if (value.is_array()) return 3;
  return value.is_object() ? 4 : 5;
}

std::strong_ordering compare(const json& left, const json& right) {
  if (const auto ranks = rank(left) <=> rank(right); ranks != 0) return ranks;
  if (left.is_number_float() || right.is_number_float())
    return by_number(left.get<double>(), right.get<double>());
  if (left.is_number()) return left.get<std::int64_t>() <=> right.get<std::int64_t>();
  if (left.is_string()) return left.get_ref<const std::string&>() <=> right.get_ref<const std::string&>();
  if (left.is_boolean()) return left.get<bool>() <=> right.get<bool>();
  return left.dump() <=> right.dump();
}

std::strong_ordering compare_keys(const json& left, const json& right) {
  auto l = left.begin();
  auto r = right.begin();
  for (; l != left.end() && r != right.end(); ++l, ++r) {
    if (const auto names = l.key() <=> r.key(); names != 0) return names;
    if (const auto values = compare(*l, *r); values != 0) return values;
  }
  return left.size() <=> right.size();
}

std::string shown(const json& value) {
  return value.is_string() ? go_quote(value.get_ref<const std::string&>()) : value.dump();
}

std::string serialized(const PathElement& element) {
  switch (element.kind) {
    case Kind::field:
      return "f:" + element.name;
    case Kind::key:
      return "k:" + element.value.dump();
    case Kind::value:
      return "v:" + element.value.dump();
    default:
      return "i:" + element.value.dump();
  }
}

using ReadElement = std::expected<PathElement, std::string>;

ReadElement read_element(const std::string& text) {
  if (text.size() < 2) return std::unexpected("key must be 2 characters long:");
  if (text[1] != ':') return std::unexpected("missing colon: " + text);
  const std::string rest = text.substr(2);
  if (text[0] == 'f') return PathElement::field(rest);
  if (text[0] != 'k' && text[0] != 'v' && text[0] != 'i') return PathElement{};
  json value = json::parse(rest, nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return std::unexpected("no JSON: " + rest);
  if (text[0] == 'v') return PathElement{Kind::value, {}, std::move(value)};
  const bool fits = text[0] == 'k' ? value.is_object() : value.is_number_integer();
  if (!fits) return std::unexpected("not of the right type: " + text);
  return PathElement{text[0] == 'k' ? Kind::key : Kind::index, {}, std::move(value)};
}

struct ReadSet {
  FieldSet set;
  bool member = false;
};

std::expected<ReadSet, std::string> read_set(const json& text, int depth) {
  ReadSet read;
  if (depth > max_field_depth) return std::unexpected("nested too deep");
  if (!text.is_null() && !text.is_object()) return std::unexpected("expected an object");
  for (const auto& [key, below] : text.items()) {
    if (key == ".") {
      read.member = true;
      continue;
    }
    auto element = read_element(key);
    if (!element) return std::unexpected(element.error());
    if (element->kind == Kind::none) continue;
    auto inner = read_set(below, depth + 1);
    if (!inner) return std::unexpected(inner.error());
    read.set.nodes.push_back({std::move(*element), inner->member, std::move(inner->set)});
  }
  std::ranges::sort(read.set.nodes, {}, &FieldNode::element);
  if (read.set.empty()) read.member = true;
  return read;
}

void write_set(std::string& out, const FieldSet& set, bool member) {
  engine::JsonObject object(out);
  if (member && !set.empty()) object.key(".") += "{}";
  for (const FieldNode& node : set.nodes)
    write_set(object.key(serialized(node.element)), node.below, node.member);
}

void keep(FieldSet& set, FieldNode node) {
  if (node.member || !node.below.empty()) set.nodes.push_back(std::move(node));
}

/// Walks through two sets in step. `one` gets a node that only the first has, `both` two of the same element.
template <class One, class Other, class Both>
FieldSet zip(const FieldSet& left, const FieldSet& right, One one, Other other, Both both) {
  FieldSet out;
  auto l = left.nodes.begin();
  auto r = right.nodes.begin();
  while (l != left.nodes.end() || r != right.nodes.end()) {
    const auto order = l == left.nodes.end()    ? std::strong_ordering::greater
                       : r == right.nodes.end() ? std::strong_ordering::less
                                                : l->element <=> r->element;
    if (order < 0) {
      one(out, *l++);
    } else if (order > 0) {
      other(out, *r++);
    } else {
      keep(out, both(*l++, *r++));
    }
  }
  return out;
}

void take(FieldSet& out, const FieldNode& node) {
  out.nodes.push_back(node);
}
void leave(FieldSet&, const FieldNode&) {}

void visit(const FieldSet& set, FieldPath& path, const std::function<void(const FieldPath&)>& each) {
  for (const FieldNode& node : set.nodes) {
    if (!node.member) continue;
    path.push_back(node.element);
    each(path);
    path.pop_back();
  }
  for (const FieldNode& node : set.nodes) {
    if (node.below.empty()) continue;
    path.push_back(node.element);
    visit(node.below, path, each);
    path.pop_back();
  }
}

}  // namespace

std::string PathElement::text() const {
  if (kind == Kind::field) return '.' + name;
  if (kind == Kind::value) return "[=" + shown(value) + ']';
  if (kind == Kind::index) return '[' + value.dump() + ']';
  std::string out;
  for (const auto& [key, of_key] : value.items()) out += (out.empty() ? "" : ",") + key + '=' + shown(of_key);
  return '[' + out + ']';
}

std::strong_ordering PathElement::operator<=>(const PathElement& other) const {
  if (kind != other.kind) return kind <=> other.kind;
  if (kind == Kind::field) return name <=> other.name;
  return kind == Kind::key ? compare_keys(value, other.value) : compare(value, other.value);
}

std::string path_text(const FieldPath& path) {
  std::string out;
  for (const PathElement& element : path) out += element.text();
  return out;
}

void FieldSet::insert(const FieldPath& path) {
  FieldSet* set = this;
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto at = std::ranges::lower_bound(set->nodes, path[i], {}, &FieldNode::element);
    if (at == set->nodes.end() || at->element != path[i])
      at = set->nodes.insert(at, FieldNode{path[i], false, {}});
    if (i + 1 == path.size()) at->member = true;
    set = &at->below;
  }
}

bool FieldSet::operator==(const FieldSet&) const = default;
bool FieldNode::operator==(const FieldNode&) const = default;

bool FieldSet::empty() const {
  return nodes.empty();
}

const FieldNode* FieldSet::find(const PathElement& element) const {
  const auto at = std::ranges::lower_bound(nodes, element, {}, &FieldNode::element);
  return at == nodes.end() || at->element != element ? nullptr : &*at;
}

bool FieldSet::has(const FieldPath& path) const {
  const FieldSet* set = this;
  const FieldNode* node = nullptr;
  for (const PathElement& element : path) {
    node = set->find(element);
    if (node == nullptr) return false;
    set = &node->below;
  }
  return node != nullptr && node->member;
}

FieldSet FieldSet::united(const FieldSet& other) const {
  return zip(*this, other, take, take, [](const FieldNode& l, const FieldNode& r) {
    return FieldNode{l.element, l.member || r.member, l.below.united(r.below)};
  });
}

FieldSet FieldSet::common(const FieldSet& other) const {
  return zip(*this, other, leave, leave, [](const FieldNode& l, const FieldNode& r) {
    return FieldNode{l.element, l.member && r.member, l.below.common(r.below)};
  });
}

FieldSet FieldSet::without(const FieldSet& other) const {
  return zip(*this, other, take, leave, [](const FieldNode& l, const FieldNode& r) {
    return FieldNode{l.element, l.member && !r.member, l.below.without(r.below)};
  });
}

FieldSet FieldSet::without_below(const FieldSet& other) const {
  return zip(*this, other, take, leave, [](const FieldNode& l, const FieldNode& r) {
    return FieldNode{l.element, l.member && !r.member,
                     r.member ? FieldSet{} : l.below.without_below(r.below)};
  });
}

void FieldSet::for_each(const std::function<void(const FieldPath&)>& each) const {
  FieldPath path;
  visit(*this, path, each);
}

std::string FieldSet::json() const {
  std::string out;
  write_set(out, *this, false);
  return out;
}

std::expected<FieldSet, std::string> field_set_from_json(const json& text) {
  auto read = read_set(text, 0);
  if (!read) return std::unexpected(read.error());
  return std::move(read->set);
}

}  // namespace csrflow::api
