// nlohmann's parser reports what it meets; the tree is ours. Its own tree that keeps the order of members
// looks through all of them for each new one, which takes seconds for the annotations that one request may
// hold; and it has no limit of depth.
#include "engine/json_reader.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/json_writer.hpp"

namespace csrflow::engine {

struct JsonReader::Node {
  enum class Kind { word, integer, number, text, array, object };
  Kind kind = Kind::word;
  std::string text;  ///< a string's value; of a number, true, false and null the text that stood there
  struct Child;
  std::vector<Child> children;

  void append_to(std::string& out) const;
};

struct JsonReader::Node::Child {
  std::string key;  ///< empty in an array
  Node value;
};

void JsonReader::Node::append_to(std::string& out) const {
  switch (kind) {
    case Kind::word:
    case Kind::integer:
    case Kind::number:
      out += text;
      return;
    case Kind::text:
      append_json_string(out, text);
      return;
    case Kind::array:
    case Kind::object:
      break;
  }
  out += kind == Kind::object ? '{' : '[';
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (i != 0) out += ',';
    if (kind == Kind::object) {
      append_json_string(out, children[i].key);
      out += ':';
    }
    children[i].value.append_to(out);
  }
  out += kind == Kind::object ? '}' : ']';
}

struct JsonReader::TreeBuilder : nlohmann::json_sax<nlohmann::json> {
  using Kind = Node::Kind;

  bool null() override { return add(Kind::word, "null"); }
  bool boolean(bool value) override { return add(Kind::word, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) override { return add(Kind::integer, std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) override { return add(Kind::integer, std::to_string(value)); }
  bool number_float(double, const std::string& text) override { return add(Kind::number, text); }
  bool string(std::string& text) override { return add(Kind::text, std::move(text)); }
  bool binary(nlohmann::json::binary_t&) override { throw MalformedJson("binary data"); }
  bool start_object(std::size_t) override { return open(Kind::object); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    throw MalformedJson(error.what());
  }

  std::unique_ptr<Node> root = std::make_unique<Node>();

 private:
  Node& place() {
    if (open_.empty()) return *root;
    return open_.back()->children.emplace_back(std::exchange(key_, {}), Node{}).value;
  }
  bool add(Kind kind, std::string text) {
    Node& node = place();
    node.kind = kind;
    node.text = std::move(text);
    return true;
  }
  bool open(Kind kind) {
    if (open_.size() == max_json_depth) throw MalformedJson("nested too deeply");
    Node& node = place();
    node.kind = kind;
    open_.push_back(&node);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Node*> open_;  // each is the last child of the one before, so that it stays where it is
  std::string key_;
};

JsonReader::JsonReader(std::string_view text) {
  TreeBuilder builder;
  nlohmann::json::sax_parse(text, &builder);
  root_ = std::move(builder.root);
  at_ = root_.get();
}

JsonReader::~JsonReader() = default;

void JsonReader::fail(std::string_view what) const {
  throw MalformedJson(std::string(what) + " at " + (path_.empty() ? "/" : path_));
}

std::vector<JsonReader::Entry> JsonReader::entries_of_object() {
  if (at_->kind != Node::Kind::object) fail("expected an object");
  std::vector<Entry> entries;
  entries.reserve(at_->children.size());
  for (const auto& [key, value] : at_->children) entries.push_back({key, &value});
  return entries;
}

std::vector<JsonReader::Entry> JsonReader::entries_of_array() {
  if (at_->kind != Node::Kind::array) fail("expected an array");
  std::vector<Entry> entries;
  entries.reserve(at_->children.size());
  for (const auto& [key, value] : at_->children) entries.push_back({std::to_string(entries.size()), &value});
  return entries;
}

JsonReader::Kind JsonReader::kind() const {
  switch (at_->kind) {
    case Node::Kind::word:
      return at_->text == "null" ? Kind::null : Kind::boolean;
    case Node::Kind::integer:
      return Kind::integer;
    case Node::Kind::number:
      return Kind::number;
    case Node::Kind::text:
      return Kind::text;
    case Node::Kind::array:
      return Kind::array;
    case Node::Kind::object:
      break;
  }
  return Kind::object;
}

std::string JsonReader::text() {
  if (at_->kind != Node::Kind::text) fail("expected a string");
  return at_->text;
}

std::int64_t JsonReader::integer() {
  std::int64_t value = 0;
  const char* const end = at_->text.data() + at_->text.size();
  const bool read =
      at_->kind == Node::Kind::integer && std::from_chars(at_->text.data(), end, value).ec == std::errc{};
  if (!read) fail("expected an integer of 64 bits");
  return value;
}

bool JsonReader::boolean() {
  const bool is_true = at_->text == "true";
  if (at_->kind != Node::Kind::word || (!is_true && at_->text != "false")) fail("expected true or false");
  return is_true;
}

bool JsonReader::null() {
  return at_->kind == Node::Kind::word && at_->text == "null";
}

std::string JsonReader::raw() {
  std::string out;
  at_->append_to(out);
  return out;
}

std::vector<std::string> JsonReader::texts() {
  std::vector<std::string> found;
  array([&] { found.push_back(text()); });
  return found;
}

std::map<std::string, std::string> JsonReader::text_map() {
  std::map<std::string, std::string> found;
  object([&](std::string_view key) { found.insert_or_assign(std::string(key), text()); });
  return found;
}

std::map<std::string, std::vector<std::string>> JsonReader::texts_map() {
  std::map<std::string, std::vector<std::string>> found;
  object([&](std::string_view key) { found.insert_or_assign(std::string(key), texts()); });
  return found;
}

}  // namespace csrflow::engine
