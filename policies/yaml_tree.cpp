// YAML as policies are written in: no alias, anchor, tag or duplicate key, so that what a person reads is
// what is meant.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <istream>
#include <streambuf>
#include <utility>

#include "engine/unicode.hpp"
#include "engine/yaml_scalar.hpp"
#include "policies/tree.hpp"

namespace csrflow::policies {
namespace {

/// Ends the reading of a document: yaml-cpp has no other way to stop it.
struct Stop : std::runtime_error {
  Stop(std::string code_of, std::string text, int line_at)
      : std::runtime_error(std::move(text)),
        code(std::move(code_of)),
        line(static_cast<std::size_t>(line_at) + 1) {}
  std::string code;
  std::size_t line;
};

class TreeBuilder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { place(mark, {}, anchor, {}); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Stop("E02", "an alias; write the value again", mark.line);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (await_key()) return take_key(mark, tag, anchor, value);
    place(mark, tag, anchor, tag == "!" ? Tree::of_text(value) : plain(value));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Tree::Kind::list);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Tree::Kind::object);
  }
  void OnMapEnd() override { open_.pop_back(); }

  Tree root;
  YAML::Mark start;  ///< of the document

 private:
  struct Open {
    Tree* tree;
    bool key_taken = false;
  };

  bool await_key() const {
    return !open_.empty() && open_.back().tree->kind == Tree::Kind::object && !open_.back().key_taken;
  }

  static Tree plain(const std::string& text) {
    engine::YamlScalar scalar = engine::plain_yaml_scalar(text);
    switch (scalar.kind) {
      case engine::YamlScalar::Kind::null:
        return {};
      case engine::YamlScalar::Kind::boolean:
        return Tree::of_boolean(scalar.boolean);
      case engine::YamlScalar::Kind::number: {
        const bool whole = scalar.text.find_first_not_of("-0123456789") == std::string::npos;
        return {.kind = whole ? Tree::Kind::integer : Tree::Kind::number, .text = std::move(scalar.text)};
      }
      case engine::YamlScalar::Kind::text:
        break;
    }
    return Tree::of_text(std::move(scalar.text));
  }

  void take_key(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& key) {
    refuse_marks(mark, tag, anchor);
    Open& parent = open_.back();
    if (key == "<<" && tag == "?") throw Stop("E02", "a merge key; write the fields themselves", mark.line);
    if (parent.tree->find(key) != nullptr) throw Stop("E02", "the key " + key + " is there twice", mark.line);
    parent.tree->members.emplace_back(key, Tree());
    parent.key_taken = true;
  }

  static void refuse_marks(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor)
      throw Stop("E02", "an anchor; write the value where it belongs", mark.line);
    if (!tag.empty() && tag != "?" && tag != "!")
      throw Stop("E02", "the tag " + tag + "; write plain values", mark.line);
  }

  Tree& place(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Tree value) {
    if (await_key()) throw Stop("E14", "a key must be a string", mark.line);
    refuse_marks(mark, tag, anchor);
    if (++nodes_ > max_tree_nodes) throw Stop("E14", "too many values in one document", mark.line);
    value.line = static_cast<std::size_t>(mark.line) + 1;
    if (open_.empty()) return root = std::move(value);
    Open& parent = open_.back();
    parent.key_taken = false;
    if (parent.tree->kind == Tree::Kind::list) return parent.tree->items.emplace_back(std::move(value));
    return parent.tree->members.back().second = std::move(value);
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Tree::Kind kind) {
    if (open_.size() >= max_tree_depth) throw Stop("E14", "nested too deeply", mark.line);
    open_.push_back({&place(mark, tag, anchor, {.kind = kind})});
  }

  std::vector<Open> open_;  // a parent's list does not grow while a child of it is open, so these stay valid
  std::size_t nodes_ = 0;
};

/// The text as a stream, without a copy.
struct ViewBuffer : std::streambuf {
  explicit ViewBuffer(std::string& text) { setg(text.data(), text.data(), text.data() + text.size()); }
};

}  // namespace

YamlDocuments read_yaml_trees(std::string_view yaml) {
  YamlDocuments read;
  const auto refuse = [&](std::string code, std::string text, std::size_t line) {
    read.problems.push_back(
        {.code = std::move(code), .policy = {}, .path = {}, .text = std::move(text), .line = line});
  };
  if (yaml.find('\0') != std::string_view::npos || !engine::is_utf8(yaml)) {
    refuse("E14", "no YAML: it is not UTF-8, or holds a byte 0", 0);
    return read;
  }
  std::string text(yaml);
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    int before = -1;
    while (true) {
      TreeBuilder builder;
      if (!parser.HandleNextDocument(builder)) return read;
      // A bracket that closes nothing is an empty document to yaml-cpp, again and again.
      if (builder.start.pos == std::exchange(before, builder.start.pos))
        throw Stop("E14", "no YAML: something is closed that was not opened", builder.start.line);
      if (builder.root.kind != Tree::Kind::null) read.documents.push_back(std::move(builder.root));
    }
  } catch (const YAML::Exception& error) {
    refuse("E14", "no YAML: " + error.msg,
           error.mark.line < 0 ? 0 : static_cast<std::size_t>(error.mark.line) + 1);
  } catch (const Stop& stop) {
    refuse(stop.code, stop.what(), stop.line);
  }
  return read;
}

}  // namespace csrflow::policies
