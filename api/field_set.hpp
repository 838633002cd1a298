// Sets of fields, as managedFields records who owns what: Kubernetes' FieldsV1
// (sigs.k8s.io/structured-merge-diff, package fieldpath).
#pragma once

#include <compare>
#include <expected>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace csrflow::api {

/// One step from an object to one of its fields.
struct PathElement {
  enum class Kind {
    field,  ///< `f:`: of a map
    key,    ///< `k:`: the item of a list whose keys have these values
    value,  ///< `v:`: an item of a set
    index,  ///< `i:`: an item by its place
    none    ///< written by somebody newer than we are
  };
  Kind kind = Kind::none;
  std::string name;      ///< of a field
  nlohmann::json value;  ///< of a key: an object; of a value: it; of an index: a number

  static PathElement field(std::string name) { return {Kind::field, std::move(name), {}}; }

  /// `.name`, `[type="Approved"]`, `[="a"]`, `[0]`.
  std::string text() const;
  /// Kubernetes' order: fields by name, keys, values, indices.
  std::strong_ordering operator<=>(const PathElement&) const;
  bool operator==(const PathElement& other) const { return (*this <=> other) == 0; }
};
using FieldPath = std::vector<PathElement>;
std::string path_text(const FieldPath&);

struct FieldNode;

/// A set of fields, as a tree. A field can be a member without the fields below it, and the other way round.
class FieldSet {
 public:
  /// The object itself (an empty path) is never a member.
  void insert(const FieldPath&);
  bool empty() const;
  bool has(const FieldPath&) const;
  /// Null when nothing below the element belongs to the set.
  const FieldNode* find(const PathElement&) const;

  FieldSet united(const FieldSet&) const;
  FieldSet common(const FieldSet&) const;
  /// Without the other's members; fields below those stay.
  FieldSet without(const FieldSet&) const;
  /// Without the other's members and all that is below them.
  FieldSet without_below(const FieldSet&) const;

  /// The members of a level come before those below it.
  void for_each(const std::function<void(const FieldPath&)>&) const;

  /// `{"f:metadata":{"f:labels":{".":{},"f:a":{}}}}`
  std::string json() const;

  bool operator==(const FieldSet&) const;

  std::vector<FieldNode> nodes;  ///< sorted; none is without a member in or below it
};

struct FieldNode {
  PathElement element;
  bool member = false;
  FieldSet below;
  bool operator==(const FieldNode&) const;
};

/// Sets nested deeper than this are refused.
constexpr int max_field_depth = 100;
/// Reads FieldsV1; what is wrong with it, in words.
std::expected<FieldSet, std::string> field_set_from_json(const nlohmann::json&);

}  // namespace csrflow::api
