#include "engine/json_reader.hpp"

#include <nlohmann/json.hpp>

namespace csrflow::engine {
namespace {

using Node = nlohmann::ordered_json;

const Node& node(const void* at) { return *static_cast<const Node*>(at); }

}  // namespace

struct JsonReader::Document {
  Node root;
};

JsonReader::JsonReader(std::string_view text) {
  try {
    document_ = std::make_unique<const Document>(Document{Node::parse(text)});
  } catch (const Node::exception& e) {
    throw MalformedJson(e.what());
  }
  at_ = &document_->root;
}

JsonReader::~JsonReader() = default;

void JsonReader::fail(std::string_view what) const {
  throw MalformedJson(std::string(what) + " at " + (path_.empty() ? "/" : path_));
}

std::vector<JsonReader::Entry> JsonReader::entries_of_object() {
  if (!node(at_).is_object()) fail("expected an object");
  std::vector<Entry> entries;
  for (const auto& [key, value] : node(at_).items()) entries.push_back({key, &value});
  return entries;
}

std::vector<JsonReader::Entry> JsonReader::entries_of_array() {
  if (!node(at_).is_array()) fail("expected an array");
  std::vector<Entry> entries;
  for (const Node& value : node(at_)) entries.push_back({std::to_string(entries.size()), &value});
  return entries;
}

std::string JsonReader::text() {
  if (!node(at_).is_string()) fail("expected a string");
  return node(at_).get<std::string>();
}

std::int64_t JsonReader::integer() {
  const Node& value = node(at_);
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
    fail("expected an integer of 64 bits");
  return value.get<std::int64_t>();
}

bool JsonReader::boolean() {
  if (!node(at_).is_boolean()) fail("expected true or false");
  return node(at_).get<bool>();
}

bool JsonReader::null() { return node(at_).is_null(); }

std::string JsonReader::raw() { return node(at_).dump(); }

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
