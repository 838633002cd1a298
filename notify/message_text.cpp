#include "notify/message_text.hpp"

#include <algorithm>

#include "engine/unicode.hpp"

namespace csrflow::notify {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::string_view cut(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && !begins_character(text[end])) --end;
  return text.substr(0, end);
}

std::string as_utf8(std::string_view text) {
  if (engine::is_utf8(text)) return std::string(text);
  std::string good;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      good += c;
    } else {
      good += replacement;
    }
  }
  return good;
}

/// Length of the control character at `i`, in bytes: of C0, DEL or C1 (U+0080 to U+009F); 0: it is none.
std::size_t control_at(std::string_view text, std::size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  if (byte < 0x20 || byte == 0x7f) return 1;
  const bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
  return c1 ? 2 : 0;
}

std::string without_controls(std::string_view text, bool keep_line_feeds) {
  std::string clean;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t control = control_at(text, i);
    if (control == 0) {
      clean += text[i++];
      continue;
    }
    clean += keep_line_feeds && text[i] == '\n' ? '\n' : ' ';
    i += control;
  }
  return clean;
}

std::string with_line_feeds(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i];
  }
  return out;
}

}  // namespace

std::string one_line(std::string_view text, std::size_t max_bytes) {
  return std::string(cut(without_controls(as_utf8(text), false), max_bytes));
}

std::string lines(std::string_view text, std::size_t max_bytes) {
  return std::string(cut(without_controls(with_line_feeds(as_utf8(text)), true), max_bytes));
}

std::string header_token(std::string_view text) {
  std::string token(cut(text, max_title_bytes));
  std::ranges::replace_if(
      token, [](char c) { return c <= 0x20 || c >= 0x7f; }, '_');
  return token;
}

}  // namespace csrflow::notify
