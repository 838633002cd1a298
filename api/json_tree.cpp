#include "api/json_tree.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/body.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

using Json = nlohmann::json;

/// Builds the tree from nlohmann's events; the parser itself does not recurse.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return add({}); }
  bool boolean(bool value) override { return add({.kind = JsonValue::Kind::boolean, .boolean = value}); }
  bool number_integer(std::int64_t value) override { return number(std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) override { return number(std::to_string(value)); }
  bool number_float(double, const std::string& text) override { return number(text); }
  bool string(std::string& value) override {
    return add({.kind = JsonValue::Kind::text, .boolean = false, .text = std::move(value)});
  }
  bool binary(Json::binary_t&) override { return false; }  // never in JSON text

  bool start_object(std::size_t) override { return open(JsonValue::Kind::object); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::list); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    open_.back()->members.push_back({std::move(name), {}});
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    problem = error.what();
    // `[json.exception.parse_error.101] parse error at line 1, column 2: …`: the words after the number.
    if (const auto end = problem.find("] "); end != std::string::npos) problem.erase(0, end + 2);
    return false;
  }

  JsonValue root;
  std::string problem;

 private:
  bool number(std::string text) {
    return add({.kind = JsonValue::Kind::number, .boolean = false, .text = std::move(text)});
  }

  JsonValue* place(JsonValue value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    JsonValue& parent = *open_.back();
    if (parent.kind == JsonValue::Kind::list) return &parent.items.emplace_back(std::move(value));
    parent.members.back().value = std::move(value);
    return &parent.members.back().value;
  }
  bool add(JsonValue value) {
    place(std::move(value));
    return true;
  }
  bool open(JsonValue::Kind kind) {
    if (open_.size() >= static_cast<std::size_t>(max_body_depth)) {
      problem = "exceeded max depth";
      return false;
    }
    open_.push_back(place({.kind = kind}));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  // The containers being filled. A parent's vector does not grow while a child of it is open, so these stay
  // valid.
  std::vector<JsonValue*> open_;
};

/// The UTF-16 unit of an escape `\uXXXX` that begins at `at`; nothing when there is none.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* end = text.data() + at + 6;
  const auto [stop, error] = std::from_chars(end - 4, end, unit, 16);
  if (error != std::errc() || stop != end) return std::nullopt;
  return unit;
}

/// Half a surrogate pair is U+FFFD to Go.
std::string paired_surrogates(std::string_view text) {
  const auto within = [](std::optional<unsigned> unit, unsigned from) {
    return unit && *unit >= from && *unit < from + 0x400;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto unit = escaped_unit(text, i);
    const bool pair = within(unit, 0xD800) && within(escaped_unit(text, i + 6), 0xDC00);
    const bool half = !pair && (within(unit, 0xD800) || within(unit, 0xDC00));
    const std::size_t length = pair ? 12 : unit ? 6 : text[i] == '\\' ? 2 : 1;
    out += half ? std::string_view("\\ufffd") : text.substr(i, length);
    i += length;
  }
  return out;
}

}  // namespace

std::string_view JsonValue::kind_name() const {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::number:
      return "number";
    case Kind::text:
      return "string";
    case Kind::list:
      return "array";
    case Kind::object:
      return "object";
  }
  return "value";
}

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = std::find_if(members.rbegin(), members.rend(),
                                  [&](const JsonMember& member) { return member.key == key; });
  return found == members.rend() ? nullptr : &found->value;
}

std::expected<JsonValue, ParseProblem> parse_json(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return std::unexpected("unexpected end of JSON input");
  }
  // nlohmann would skip a byte order mark.
  if (text.starts_with("\xEF\xBB\xBF"))
    return std::unexpected("invalid character 'ï' looking for beginning of value");
  TreeBuilder builder;
  std::string repaired;
  if (!valid_utf8(text)) {
    repaired = repaired_utf8(text);
    text = repaired;
  }
  std::string paired;
  if (text.find("\\u") != std::string_view::npos) {
    paired = paired_surrogates(text);
    text = paired;
  }
  if (!Json::sax_parse(text, &builder)) return std::unexpected(builder.problem);
  return std::move(builder.root);
}

}  // namespace csrflow::api
