// Reads a tree into typed fields as Go's encoding/json does: null is the zero value, another type stops,
// unknown and duplicate fields are noticed.
#pragma once

#include <functional>
#include <optional>

#include "api/json_tree.hpp"
#include "engine/types.hpp"

namespace csrflow::api {

/// The value has another type, or a form that its field does not have. Caught where the body is decoded.
struct FieldMismatch {
  std::string message;
};

class FieldReader {
 public:
  /// Reads `key`'s value and is told whether it knows the field.
  using Field = std::function<bool(const std::string& key, const JsonValue& value)>;

  /// `struct_name` is for error texts.
  explicit FieldReader(std::string struct_name) : struct_name_(std::move(struct_name)) {}

  /// Nothing for null. The path grows by `name` meanwhile (empty: the root).
  void object(const JsonValue&, std::string_view name, const Field&);
  void list(const JsonValue&, std::string_view name, std::string_view type,
            const std::function<void(const JsonValue&)>& item);
  /// Any value: only duplicate fields are noticed.
  void untyped(const JsonValue&, std::string_view name);
  std::string text(const JsonValue&, std::string_view name);
  std::vector<std::string> texts(const JsonValue&, std::string_view name);
  engine::StringMap text_map(const JsonValue&, std::string_view name);
  engine::StringLists lists_map(const JsonValue&, std::string_view name);
  std::optional<bool> boolean(const JsonValue&, std::string_view name);
  std::optional<std::int64_t> integer(const JsonValue&, std::string_view name, std::int64_t min,
                                      std::int64_t max, std::string_view type);
  std::optional<engine::Timestamp> time(const JsonValue&, std::string_view name);
  /// Base64, or a list of the bytes' values. Nothing for null.
  std::optional<engine::Bytes> base64(const JsonValue&, std::string_view name);

  /// `unknown field "spec.foo"`, `duplicate field "metadata.name"`, in order of appearance; each once.
  std::vector<std::string> problems;

 private:
  [[noreturn]] void mismatch(const JsonValue&, std::string_view name, std::string_view type) const;
  engine::Bytes numbers(const JsonValue&, std::string_view name);
  std::string path(std::string_view name) const;
  void note(std::string text);

  std::string struct_name_;
  std::string prefix_;  // of the object being read: `spec`, `status.conditions[0]`
};

}  // namespace csrflow::api
