#include "policies/tree.hpp"

#include <algorithm>

#include "engine/json_reader.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::policies {
namespace {

using engine::JsonReader;

Problem malformed(std::string text) {
  return {.code = "E14", .policy = {}, .path = {}, .text = std::move(text)};
}

Tree read(JsonReader& reader, std::size_t depth) {
  if (depth > max_tree_depth) reader.fail("nested too deeply");
  Tree tree;
  switch (reader.kind()) {
    case JsonReader::Kind::null:
      break;
    case JsonReader::Kind::boolean:
      tree = Tree::of_boolean(reader.boolean());
      break;
    case JsonReader::Kind::integer:
    case JsonReader::Kind::number:
      tree.kind = reader.kind() == JsonReader::Kind::integer ? Tree::Kind::integer : Tree::Kind::number;
      tree.text = reader.raw();
      break;
    case JsonReader::Kind::text:
      tree = Tree::of_text(reader.text());
      break;
    case JsonReader::Kind::array:
      tree.kind = Tree::Kind::list;
      reader.array([&] { tree.items.push_back(read(reader, depth + 1)); });
      break;
    case JsonReader::Kind::object:
      tree.kind = Tree::Kind::object;
      reader.object([&](std::string_view key) {
        tree.members.emplace_back(std::string(key), read(reader, depth + 1));
      });
      break;
  }
  return tree;
}

/// The path of the first member that its object has twice; empty: there is none.
std::string duplicate(const Tree& tree, const std::string& path) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : tree.members) names.push_back(name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
    return path + '.' + std::string(*twice);
  for (const auto& [name, value] : tree.members) {
    if (std::string found = duplicate(value, path + '.' + name); !found.empty()) return found;
  }
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    if (std::string found = duplicate(tree.items[i], path + '[' + std::to_string(i) + ']'); !found.empty())
      return found;
  }
  return {};
}

void append(std::string& out, const Tree& tree, bool sorted) {
  switch (tree.kind) {
    case Tree::Kind::null:
      out += "null";
      return;
    case Tree::Kind::boolean:
    case Tree::Kind::integer:
    case Tree::Kind::number:
      out += tree.text;
      return;
    case Tree::Kind::text:
      engine::append_json_string(out, tree.text);
      return;
    case Tree::Kind::list: {
      out += '[';
      for (std::size_t i = 0; i < tree.items.size(); ++i) {
        if (i != 0) out += ',';
        append(out, tree.items[i], sorted);
      }
      out += ']';
      return;
    }
    case Tree::Kind::object:
      break;
  }
  std::vector<const TreeMember*> members;
  for (const auto& member : tree.members) members.push_back(&member);
  if (sorted)
    std::ranges::sort(members, {}, [](const auto* member) -> const std::string& { return member->first; });
  engine::JsonObject object(out);
  for (const auto* member : members) append(object.key(member->first), member->second, sorted);
}

}  // namespace

const Tree* Tree::find(std::string_view name) const {
  const auto found =
      std::ranges::find(members, name, [](const auto& member) { return std::string_view(member.first); });
  return found == members.end() ? nullptr : &found->second;
}

std::string_view Tree::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "nothing";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
    case Kind::number:
      return "a number";
    case Kind::text:
      return "a string";
    case Kind::list:
      return "a list";
    case Kind::object:
      return "an object";
  }
  return "a value";
}

std::expected<Tree, Problem> read_json_tree(std::string_view json) {
  try {
    JsonReader reader(json);
    Tree tree = read(reader, 0);
    if (const std::string twice = duplicate(tree, ""); !twice.empty())
      return std::unexpected(
          Problem{.code = "E02", .policy = {}, .path = twice.substr(1), .text = "the field is there twice"});
    return tree;
  } catch (const engine::MalformedJson& error) {
    return std::unexpected(malformed(std::string("no JSON: ") + error.what()));
  }
}

std::string json_text(const Tree& tree, bool sorted) {
  std::string out;
  append(out, tree, sorted);
  return out;
}

}  // namespace csrflow::policies
