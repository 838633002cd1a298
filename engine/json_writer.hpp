// Appends JSON to a string: what every event and every answer is written with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/base64.hpp"

namespace csrflow::engine {

/// `"text"` with everything escaped that RFC 8259 asks for. `text` is UTF-8; bytes that are not become
/// U+FFFD, so that what was written can always be read.
void append_json_string(std::string& out, std::string_view text);
/// `"…"`: the bytes in standard base64 with padding (RFC 4648 4).
void append_json_base64(std::string& out, std::string_view bytes);

/// Members of one JSON object, commas included.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  ~JsonObject() { out_ += '}'; }

  /// Starts a member; the caller appends its value to the string.
  std::string& key(std::string_view name);
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void base64(std::string_view name, std::string_view bytes) { append_json_base64(key(name), bytes); }
  void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }
  void boolean(std::string_view name, bool value) { key(name) += value ? "true" : "false"; }
  void texts(std::string_view name, std::span<const std::string> values);
  /// Nothing when `value` is empty.
  void text_if(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace csrflow::engine
