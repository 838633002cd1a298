// YAML as Kubernetes reads it: through sigs.k8s.io/yaml, a YAML 1.1 reader (`yes` is a boolean, `010` is
// eight).
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "api/body.hpp"
#include "api/json_tree.hpp"
#include "api/utf8.hpp"
#include "engine/yaml_scalar.hpp"

namespace csrflow::api {

namespace {

constexpr int max_yaml_depth = 500;

struct TooMuch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

JsonValue text_value(std::string text) {
  return {.kind = JsonValue::Kind::text, .boolean = false, .text = std::move(text)};
}

JsonValue plain_scalar(const std::string& text) {
  engine::YamlScalar scalar = engine::plain_yaml_scalar(text);
  switch (scalar.kind) {
    case engine::YamlScalar::Kind::null:
      return {};
    case engine::YamlScalar::Kind::boolean:
      return {.kind = JsonValue::Kind::boolean, .boolean = scalar.boolean};
    case engine::YamlScalar::Kind::number:
      return {.kind = JsonValue::Kind::number, .boolean = false, .text = std::move(scalar.text)};
    case engine::YamlScalar::Kind::text:
      break;
  }
  return text_value(std::move(scalar.text));
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
