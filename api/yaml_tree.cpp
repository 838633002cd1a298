// YAML as Kubernetes reads it: through sigs.k8s.io/yaml, a YAML 1.1 reader (`yes` is a boolean, `010` is
// eight).
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

#include "api/body.hpp"
#include "api/json_tree.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

constexpr int max_yaml_depth = 500;

struct TooMuch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

bool one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr std::array<std::string_view, 5> null_words = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 11> true_words = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                         "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> false_words = {"n",     "N",     "no",  "No",  "NO", "false",
                                                          "False", "FALSE", "off", "Off", "OFF"};

/// Go's strconv.ParseInt with base 0 (and underscores): nothing when the text is no integer.
std::optional<std::string> integer(std::string text) {
  std::erase(text, '_');
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16, digits.remove_prefix(2);
  } else if (digits.starts_with("0b") || digits.starts_with("0B")) {
    base = 2, digits.remove_prefix(2);
  } else if (digits.starts_with("0o") || digits.starts_with("0O")) {
    base = 8, digits.remove_prefix(2);
  } else if (digits.size() > 1 && digits.front() == '0') {
    base = 8, digits.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return (negative && value != 0 ? "-" : "") + std::to_string(value);
}

bool is_float(const std::string& text) {
  static const std::regex form(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  return text.size() <= 64 && std::regex_match(text, form);
}

/// A float's text as JSON has it; whole values without a fraction, as Go prints them.
std::string json_float(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : text;
}

JsonValue text_value(std::string text) {
  return {.kind = JsonValue::Kind::text, .boolean = false, .text = std::move(text)};
}
JsonValue number_value(std::string text) {
  return {.kind = JsonValue::Kind::number, .boolean = false, .text = std::move(text)};
}

JsonValue plain_scalar(const std::string& text) {
  if (one_of(text, null_words)) return {};
  if (one_of(text, true_words)) return {.kind = JsonValue::Kind::boolean, .boolean = true};
  if (one_of(text, false_words)) return {.kind = JsonValue::Kind::boolean, .boolean = false};
  const char first = text.front();
  if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
    if (auto number = integer(text)) return number_value(std::move(*number));
    if (is_float(text)) return number_value(json_float(text));
  }
  return text_value(text);
}

class YamlReader {
 public:
  JsonValue read(const YAML::Node& node, int depth) {
    if (depth > max_yaml_depth) throw TooMuch("exceeded max depth");
    if (++nodes_ > max_yaml_nodes) throw TooMuch("document contains excessive aliasing");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        JsonValue list{.kind = JsonValue::Kind::list};
        for (const YAML::Node& item : node) list.items.push_back(read(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Map:
        return mapping(node, depth);
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined:
        return {};
    }
    return {};
  }

  std::vector<std::string> duplicates;

 private:
  static JsonValue scalar(const YAML::Node& node) {
    const std::string& tag = node.Tag();
    if (tag == "?" || tag.empty()) return plain_scalar(node.Scalar());
    if (tag == "!" || tag.ends_with(":str")) return text_value(node.Scalar());
    if (tag.ends_with(":int") || tag.ends_with(":float") || tag.ends_with(":bool") ||
        tag.ends_with(":null")) {
      return plain_scalar(node.Scalar());
    }
    return text_value(node.Scalar());
  }

  JsonValue mapping(const YAML::Node& node, int depth) {
    JsonValue object{.kind = JsonValue::Kind::object};
    std::vector<YAML::Node> merged;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar() && !entry.first.IsNull()) throw TooMuch("a key is not a scalar");
      const std::string key = entry.first.IsNull() ? "null" : entry.first.Scalar();
      if (key == "<<" && entry.first.Tag() == "?") {
        merged.push_back(entry.second);
        continue;
      }
      JsonValue value = read(entry.second, depth + 1);
      const auto same = std::ranges::find(object.members, key, &JsonMember::key);
      if (same == object.members.end()) {
        object.members.push_back({key, std::move(value)});
      } else {
        duplicates.push_back("line " + std::to_string(entry.first.Mark().line + 1) + ": key " +
                             go_quote(key) + " already set in map");
        same->value = std::move(value);
      }
    }
    for (const YAML::Node& source : merged) merge(object, source, depth);
    return object;
  }

  /// `<<: *base`: what the base has and the map has not.
  void merge(JsonValue& object, const YAML::Node& source, int depth) {
    if (source.IsSequence()) {
      for (const YAML::Node& item : source) merge(object, item, depth + 1);
      return;
    }
    if (!source.IsMap()) throw TooMuch("map merge requires map or sequence of maps as the value");
    JsonValue base = read(source, depth + 1);
    for (JsonMember& member : base.members) {
      if (object.find(member.key) == nullptr) object.members.push_back(std::move(member));
    }
  }

  std::size_t nodes_ = 0;
};

}  // namespace

std::expected<YamlDocument, ParseProblem> parse_yaml(const std::string& text) {
  if (!valid_utf8(text)) return std::unexpected("yaml: invalid UTF-8");
  try {
    YamlReader reader;
    YamlDocument document{.value = reader.read(YAML::Load(text), 0)};
    document.duplicates = std::move(reader.duplicates);
    return document;
  } catch (const YAML::Exception& error) {
    return std::unexpected("yaml: line " + std::to_string(error.mark.line + 1) + ": " + error.msg);
  } catch (const TooMuch& error) {
    return std::unexpected(std::string("yaml: ") + error.what());
  }
}

}  // namespace csrflow::api
