#include "engine/json_reader.hpp"

#include <charconv>

namespace csrflow::engine {
namespace {

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

bool digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void JsonReader::fail(std::string_view what) const {
  throw MalformedJson(std::string(what) + " at byte " + std::to_string(at_));
}

void JsonReader::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
    ++at_;
}

char JsonReader::peek() {
  skip_space();
  if (at_ == text_.size()) fail("the text ends too early");
  return text_[at_];
}

void JsonReader::enter(char open, std::string_view what) {
  if (peek() != open) fail("expected " + std::string(what));
  if (++depth_ > max_json_depth) fail("nested too deeply");
  ++at_;
}

bool JsonReader::next(char close, bool first) {
  const char c = peek();
  if (c == close) {
    ++at_;
    return false;
  }
  if (first) return true;
  if (c != ',') fail("expected a comma");
  ++at_;
  return true;
}

std::string JsonReader::take_key() {
  std::string key = text();
  if (peek() != ':') fail("expected a colon");
  ++at_;
  return key;
}

std::string JsonReader::text() {
  if (peek() != '"') fail("expected a string");
  ++at_;
  std::string out;
  for (std::size_t run = at_;;) {
    if (at_ == text_.size()) fail("a string does not end");
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
    if (c != '"' && c != '\\') {
      ++at_;
      continue;
    }
    out += text_.substr(run, at_ - run);
    ++at_;
    if (c == '"') return out;
    take_escape(out);
    run = at_;
  }
}

void JsonReader::take_escape(std::string& out) {
  if (at_ == text_.size()) fail("a string does not end");
  const char c = text_[at_++];
  switch (c) {
    case '"':
    case '\\':
    case '/':
      out += c;
      return;
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'u':
      break;
    default:
      fail("an unknown escape in a string");
  }
  std::uint32_t code = take_hex4();
  if (code >= 0xdc00 && code <= 0xdfff) fail("half a surrogate pair in a string");
  if (code >= 0xd800 && code <= 0xdbff) {
    if (text_.substr(at_, 2) != "\\u") fail("half a surrogate pair in a string");
    at_ += 2;
    const std::uint32_t low = take_hex4();
    if (low < 0xdc00 || low > 0xdfff) fail("half a surrogate pair in a string");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  append_utf8(out, code);
}

std::uint32_t JsonReader::take_hex4() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (error != std::errc{} || digits.size() != 4 || end != digits.data() + 4)
    fail("an unknown escape in a string");
  at_ += 4;
  return code;
}

void JsonReader::skip_number() {
  const auto digits = [&] {
    if (at_ == text_.size() || !digit(text_[at_])) fail("expected a digit");
    while (at_ < text_.size() && digit(text_[at_])) ++at_;
  };
  const auto have = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
  if (have('-')) ++at_;
  if (have('0')) {
    ++at_;
  } else {
    digits();
  }
  if (have('.')) {
    ++at_;
    digits();
  }
  if (have('e') || have('E')) {
    ++at_;
    if (have('+') || have('-')) ++at_;
    digits();
  }
}

std::int64_t JsonReader::integer() {
  const char c = peek();
  if (c != '-' && !digit(c)) fail("expected an integer");
  const std::size_t begin = at_;
  skip_number();
  const std::string_view digits = text_.substr(begin, at_ - begin);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) fail("expected an integer of 64 bits");
  return value;
}

bool JsonReader::take_word(std::string_view word) {
  peek();
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::boolean() {
  if (take_word("true")) return true;
  if (take_word("false")) return false;
  fail("expected true or false");
}

bool JsonReader::null() {
  return take_word("null");
}

std::string_view JsonReader::raw() {
  const char c = peek();
  const std::size_t begin = at_;
  if (c == '{') {
    object([&](std::string_view) { raw(); });
  } else if (c == '[') {
    array([&] { raw(); });
  } else if (c == '"') {
    text();
  } else if (c == 't' || c == 'f') {
    boolean();
  } else if (c == 'n') {
    if (!null()) fail("expected null");
  } else {
    skip_number();
  }
  return text_.substr(begin, at_ - begin);
}

void JsonReader::end() {
  skip_space();
  if (at_ != text_.size()) fail("more text after the value");
}

std::vector<std::string> JsonReader::texts() {
  std::vector<std::string> values;
  array([&] { values.push_back(text()); });
  return values;
}

std::map<std::string, std::string> JsonReader::text_map() {
  std::map<std::string, std::string> values;
  object([&](std::string_view key) {
    std::string name(key);
    values[std::move(name)] = text();
  });
  return values;
}

std::map<std::string, std::vector<std::string>> JsonReader::texts_map() {
  std::map<std::string, std::vector<std::string>> values;
  object([&](std::string_view key) {
    std::string name(key);
    values[std::move(name)] = texts();
  });
  return values;
}

}  // namespace csrflow::engine
