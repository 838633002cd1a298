// A parsed body that forgets nothing: members keep their order and their duplicates, numbers their text.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::api {

struct JsonMember;

struct JsonValue {
  enum class Kind { null, boolean, number, text, list, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;  ///< of a text; of a number as it stood there
  std::vector<JsonValue> items;
  std::vector<JsonMember> members;

  /// `string`, `number` … as Go's encoding/json names them.
  std::string_view kind_name() const;
  /// The last member of this name (the last one wins); null when there is none.
  const JsonValue* find(std::string_view key) const;
};
struct JsonMember {
  std::string key;
  JsonValue value;
};

/// What could not be parsed, in words.
using ParseProblem = std::string;

/// Invalid UTF-8 becomes U+FFFD, as Go reads it. At most `max_body_depth` levels.
std::expected<JsonValue, ParseProblem> parse_json(std::string_view text);

struct YamlDocument {
  JsonValue value;
  /// `line 9: key "a" already set in map`
  std::vector<std::string> duplicates;
};
/// The first document, scalars resolved by YAML 1.1 as sigs.k8s.io/yaml does; at most `max_yaml_nodes`,
/// aliases included.
std::expected<YamlDocument, ParseProblem> parse_yaml(const std::string& text);

}  // namespace csrflow::api
