// JSON values seen through their types, as server-side apply sees them (sigs.k8s.io/structured-merge-diff,
// package typed). A null in a value is there; what is not there has no pointer.
#pragma once

#include "api/field_schema.hpp"
#include "api/field_set.hpp"

namespace csrflow::api {

enum class Duplicates { refused, allowed };

/// Does the value fit? Else why, in structured-merge-diff's words: `.spec.bogus: field not declared in
/// schema`. `duplicates` says whether a set or a list with keys may hold the same item twice.
std::expected<void, std::string> check_typed(const FieldType&, const nlohmann::json& value,
                                             Duplicates duplicates);

/// Every field that the value mentions.
FieldSet mentioned_fields(const FieldType&, const nlohmann::json& value);

struct FieldChanges {
  FieldSet added, modified, removed;
};
/// What became of `before`'s fields in `after`; a list's new duplicates count as one field.
FieldChanges compare_fields(const FieldType&, const nlohmann::json& before, const nlohmann::json& after);

/// `base` with what `over` says: granular maps and lists with keys item by item, the rest as a whole. Nothing
/// is removed. Items that both have stand in `over`'s order.
nlohmann::json merge_fields(const FieldType&, const nlohmann::json& base, const nlohmann::json& over);

/// The value without these items and fields; null when nothing is left.
nlohmann::json remove_fields(const FieldType&, const nlohmann::json& value, const FieldSet&);

/// The set, and in it each declared field that has members below it.
FieldSet with_declared_fields(const FieldType*, const FieldSet&);

/// What identifies an item of a list with keys or of a set; else why nothing does.
std::expected<PathElement, std::string> item_element(const FieldType& list, const nlohmann::json& item);

}  // namespace csrflow::api
