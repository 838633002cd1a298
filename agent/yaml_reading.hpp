// Reads a document that a person wrote, and collects everything that is wrong with it: each problem has its
// line and path. Internal to configuration.cpp.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/configuration.hpp"

namespace csrflow::agent {

/// A value of the document and where it stands.
struct Place {
  YAML::Node node;
  std::string path;
  std::size_t line = 0;

  bool there() const { return node.IsDefined() && !node.IsNull(); }
};

class YamlReading {
 public:
  explicit YamlReading(ConfigurationProblems& problems) : problems_(problems) {}

  void fail(const Place& at, std::string text) {
    problems_.push_back({.line = at.line, .path = at.path, .text = std::move(text)});
  }
  /// The member; not there when `object` is no object. `known` are all members that it may have: others, and
  /// those that are there twice, are problems, said once by fields().
  static Place member(const Place& object, std::string_view name);
  void fields(const Place& object, std::span<const std::string_view> known);

  /// Nothing when it is absent or, which is a problem, something else.
  std::optional<std::string> text(const Place&);
  std::optional<bool> boolean(const Place&);
  std::optional<engine::Duration> duration(const Place&);
  /// A fraction with at most six places, in millionths.
  std::optional<std::int32_t> millionths(const Place&);
  /// One text or a list of texts.
  std::vector<std::string> texts(const Place&);
  engine::StringMap text_map(const Place&);
  std::vector<Place> items(const Place&, std::size_t most);

  /// The text must be there.
  std::string required(const Place& object, std::string_view name);

 private:
  ConfigurationProblems& problems_;
};

}  // namespace csrflow::agent
