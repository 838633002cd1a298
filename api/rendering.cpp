// JSON in its two other coats: indented, and as YAML with sorted keys (what sigs.k8s.io/yaml writes).
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "api/json_tree.hpp"
#include "api/media.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {

namespace {

JsonValue parsed(std::string_view json) {
  auto tree = parse_json(json);
  if (!tree) throw std::invalid_argument("an answer is not JSON: " + tree.error());
  return std::move(*tree);
}

}  // namespace

void JsonIndenter::line(std::string& out) const {
  out += '\n';
  out.append(2 * depth_, ' ');
}

void JsonIndenter::add(std::string& out, std::string_view json) {
  for (const char c : json) {
    if (in_text_) {
      out += c;
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_text_ = false;
      }
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const bool first_inside = std::exchange(opened_, false);
    const bool closes = c == '}' || c == ']';
    if (first_inside && closes) {  // empty: both on one line
      out += c;
      continue;
    }
    if (first_inside) ++depth_;
    if (closes && depth_ > 0) --depth_;
    if (first_inside || closes) line(out);
    out += c;
    if (c == '"') in_text_ = true;
    if (c == '{' || c == '[') opened_ = true;
    if (c == ',') line(out);
    if (c == ':') out += ' ';
  }
}

std::string indent_json(std::string_view json) {
  std::string out;
  out.reserve(json.size() * 3 / 2);
  JsonIndenter().add(out, json);
  return out;
}

namespace {

/// Would a YAML 1.1 reader take the plain word for something else than this text?
bool needs_quotes(const std::string& text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  static constexpr std::string_view indicators = "-?:,[]{}#&*!|>'\"%@`=<~";
  if (indicators.find(text.front()) != std::string_view::npos) {
    // `-x`, `?x` and `:x` are plain words.
    const bool plain = (text.front() == '-' || text.front() == '?' || text.front() == ':') &&
                       text.size() > 1 && text[1] != ' ' && text != "---";
    if (!plain) return true;
  }
  if (text.find(": ") != std::string::npos || text.find(" #") != std::string::npos) return true;
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; })) return true;
  // A time would be read as one by other readers; everything else is asked of our own.
  if (text.size() >= 10 && text[4] == '-' && text[7] == '-' &&
      text.find_first_not_of("0123456789-:.TtZz +") == std::string::npos) {
    return true;
  }
  const auto read_back = parse_yaml(text);
  return !read_back || read_back->value.kind != JsonValue::Kind::text || read_back->value.text != text;
}

/// JSON's quoted text is YAML's, but for the one ASCII character that only YAML cannot print.
void append_quoted(std::string& out, const std::string& text) {
  std::string quoted;
  engine::append_json_string(quoted, text);
  for (const char c : quoted) {
    if (c == 0x7F) {
      out += "\\x7F";
    } else {
      out += c;
    }
  }
}

void append_yaml(std::string& out, const JsonValue& value, std::size_t indent, bool in_list);

/// Text with line breaks as a literal block, where YAML can hold it that way.
void append_text(std::string& out, const std::string& text, std::size_t indent) {
  const bool block =
      text.find('\n') != std::string::npos && text.front() != ' ' && text.front() != '\n' &&
      std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7F; }) &&
      text.find(" \n") == std::string::npos;
  if (block) {
    out += text.back() != '\n' ? "|-" : text.ends_with("\n\n") ? "|+" : "|";
    std::string_view rest = text;
    if (rest.back() == '\n') rest.remove_suffix(1);
    while (true) {
      const std::size_t end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      out += '\n';
      if (!line.empty()) out.append(indent, ' ');
      out += line;
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  } else if (needs_quotes(text)) {
    append_quoted(out, text);
  } else {
    out += text;
  }
}

void append_members(std::string& out, const JsonValue& value, std::size_t indent, bool first_inline) {
  std::vector<const JsonMember*> sorted;
  for (const JsonMember& member : value.members) sorted.push_back(&member);
  std::ranges::sort(sorted, {}, &JsonMember::key);
  for (const JsonMember* member : sorted) {
    if (!first_inline) {
      out += '\n';
      out.append(indent, ' ');
    }
    first_inline = false;
    append_text(out, member->key, indent);
    out += ':';
    append_yaml(out, member->value, indent, false);
  }
}

void append_yaml(std::string& out, const JsonValue& value, std::size_t indent, bool in_list) {
  using Kind = JsonValue::Kind;
  if (value.kind == Kind::object && !value.members.empty()) {
    if (in_list) out += ' ';
    append_members(out, value, indent + 2, in_list);
    return;
  }
  if (value.kind == Kind::list && !value.items.empty()) {
    // A list stands under its key without further indentation.
    const std::size_t column = in_list ? indent + 2 : indent;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (in_list && i == 0) {
        out += ' ';
      } else {
        out += '\n';
        out.append(column, ' ');
      }
      out += '-';
      append_yaml(out, value.items[i], column, true);
    }
    return;
  }
  out += ' ';
  switch (value.kind) {
    case Kind::null:
      out += "null";
      break;
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      break;
    case Kind::number:
      out += value.text;
      break;
    case Kind::text:
      append_text(out, value.text, indent + 2);
      break;
    case Kind::list:
      out += "[]";
      break;
    case Kind::object:
      out += "{}";
      break;
  }
}

}  // namespace

std::string yaml_of_json(std::string_view json) {
  const JsonValue root = parsed(json);
  std::string out;
  if (root.kind == JsonValue::Kind::object && !root.members.empty()) {
    append_members(out, root, 0, true);
  } else {
    append_yaml(out, root, 0, false);
    out.erase(0, out.find_first_not_of(" \n"));
  }
  return out + "\n";
}

}  // namespace csrflow::api
