// Label and field selectors, in Kubernetes' grammar and with its error texts.
#pragma once

#include <expected>

#include "api/status.hpp"

namespace csrflow::api {

class LabelSelector {
 public:
  /// Empty text selects everything. Else a 400.
  static std::expected<LabelSelector, Status> parse(std::string_view);
  bool matches(const engine::StringMap& labels) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator { exists, not_exists, in, not_in, greater, less };
  struct Requirement {
    std::string key;
    Operator op{};
    std::vector<std::string> values;  // sorted
  };
  friend class LabelParser;
  std::vector<Requirement> requirements_;
};

class FieldSelector {
 public:
  /// `selectable` are the field labels that the resource knows besides metadata.name.
  static std::expected<FieldSelector, Status> parse(std::string_view,
                                                    std::span<const std::string> selectable);
  /// `fields` holds the selectable fields; metadata.name is `name`.
  bool matches(const std::string& name, const engine::StringMap& fields) const;
  bool empty() const { return terms_.empty(); }
  /// The name that the selector demands (`metadata.name=x`), for a look-up instead of a scan and for RBAC.
  std::optional<std::string> required_name() const { return required("metadata.name"); }
  /// And this field must have this value.
  void require(std::string field, std::string value);
  /// The value that the selector demands of a field.
  std::optional<std::string> required(std::string_view field) const;

 private:
  struct Term {
    std::string field, value;
    bool equal = true;
  };
  std::vector<Term> terms_;
};

}  // namespace csrflow::api
