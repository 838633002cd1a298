#include "agent/yaml_reading.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/duration.hpp"
#include "engine/nearest.hpp"

namespace csrflow::agent {
namespace {

constexpr std::size_t max_items = 1'000;

std::size_t line_of(const YAML::Node& node, std::size_t otherwise) {
  const auto mark = node.Mark();
  return mark.line < 0 ? otherwise : static_cast<std::size_t>(mark.line) + 1;
}

std::string kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return "a single value";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "an object";
    default:
      return "nothing";
  }
}

/// `0.675` is 675000.
std::optional<std::int32_t> fraction(std::string_view text) {
  constexpr std::size_t places = 6;
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string digits(point == std::string_view::npos ? std::string_view() : text.substr(point + 1));
  if ((whole != "0" && whole != "1") || digits.size() > places) return std::nullopt;
  digits.resize(places, '0');
  digits.insert(0, whole);
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

Place YamlReading::member(const Place& object, std::string_view name) {
  const std::string path = object.path.empty() ? std::string(name) : object.path + '.' + std::string(name);
  if (object.there() && object.node.IsMap()) {
    for (const auto& entry : object.node) {
      if (entry.first.IsScalar() && entry.first.Scalar() == name)
        return {entry.second, path, line_of(entry.first, object.line)};
    }
  }
  return {YAML::Node(YAML::NodeType::Null), path, object.line};
}

void YamlReading::fields(const Place& object, std::span<const std::string_view> known) {
  if (!object.there()) return;
  if (!object.node.IsMap()) return fail(object, "must be an object, not " + kind_of(object.node));
  std::set<std::string> seen;
  for (const auto& entry : object.node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    const Place at{entry.second, object.path.empty() ? name : object.path + '.' + name,
                   line_of(entry.first, object.line)};
    if (std::ranges::find(known, name) == known.end()) {
      fail(at, "unknown field; the nearest known one is " + std::string(engine::nearest(name, known)));
    } else if (!seen.insert(name).second) {
      fail(at, "is there twice");
    }
  }
}

std::optional<std::string> YamlReading::text(const Place& at) {
  if (!at.there()) return std::nullopt;
  if (at.node.IsScalar()) return at.node.Scalar();
  fail(at, "must be a single value, not " + kind_of(at.node));
  return std::nullopt;
}

std::optional<bool> YamlReading::boolean(const Place& at) {
  const auto written = text(at);
  if (!written) return std::nullopt;
  if (*written == "true") return true;
  if (*written == "false") return false;
  fail(at, "must be true or false");
  return std::nullopt;
}

std::optional<engine::Duration> YamlReading::duration(const Place& at) {
  const auto written = text(at);
  if (!written) return std::nullopt;
  if (const auto value = engine::parse_duration(*written)) return *value;
  fail(at, *written + " is no length of time; write it as 30s, 10m, 24h or 47d");
  return std::nullopt;
}

std::optional<std::int32_t> YamlReading::millionths(const Place& at) {
  const auto written = text(at);
  if (!written) return std::nullopt;
  if (const auto value = fraction(*written)) return value;
  fail(at, *written + " is no fraction between 0 and 1 with at most six places; write it as 0.6");
  return std::nullopt;
}

std::vector<Place> YamlReading::items(const Place& at, std::size_t most) {
  std::vector<Place> found;
  if (!at.there()) return found;
  if (!at.node.IsSequence()) {
    fail(at, "must be a list, not " + kind_of(at.node));
    return found;
  }
  if (at.node.size() > most) {
    fail(at, "has " + std::to_string(at.node.size()) + " elements; there may be " + std::to_string(most));
    return found;
  }
  for (const auto& item : at.node)
    found.push_back({item, at.path + '[' + std::to_string(found.size()) + ']', line_of(item, at.line)});
  return found;
}

std::vector<std::string> YamlReading::texts(const Place& at) {
  std::vector<std::string> found;
  if (at.there() && at.node.IsScalar()) return {at.node.Scalar()};
  for (const Place& item : items(at, max_items))
    if (auto value = text(item)) found.push_back(std::move(*value));
  return found;
}

engine::StringMap YamlReading::text_map(const Place& at) {
  engine::StringMap found;
  if (!at.there()) return found;
  if (!at.node.IsMap()) {
    fail(at, "must be an object of strings, not " + kind_of(at.node));
    return found;
  }
  for (const auto& entry : at.node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    const Place value{entry.second, at.path + '.' + name, line_of(entry.first, at.line)};
    if (auto written = text(value)) found[name] = std::move(*written);
  }
  return found;
}

std::string YamlReading::required(const Place& object, std::string_view name) {
  const Place at = member(object, name);
  if (!at.there()) {
    fail(at, "is missing");
    return {};
  }
  return text(at).value_or("");
}

}  // namespace csrflow::agent
