// Go's strconv.Quote, which Kubernetes' texts are full of.
#include <cstdint>

#include "api/status.hpp"
#include "api/utf8.hpp"

namespace csrflow::api {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) out += hex_digits[(value >> shift) & 0xF];
}

/// As far as it matters here: control characters, odd blanks, surrogates and the unassigned ends are not
/// shown.
bool printable(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD) return false;
  if (c >= 0x2000 && c <= 0x200F) return false;
  if (c >= 0x2028 && c <= 0x202F) return false;
  if (c >= 0x205F && c <= 0x206F) return false;
  if (c == 0x3000 || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB)) return false;
  return !(c >= 0xE000 && c <= 0xF8FF) && c <= 0xE0000;
}

char short_escape(char32_t c) {
  switch (c) {
    case '\a':
      return 'a';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '"':
      return '"';
    case '\\':
      return '\\';
    default:
      return 0;
  }
}

void append_rune(std::string& out, char32_t c, std::string_view bytes) {
  if (const char escape = short_escape(c)) {
    out += '\\';
    out += escape;
  } else if (printable(c)) {
    out += bytes;
  } else if (c < 0x80) {
    out += "\\x";
    append_hex(out, c, 2);
  } else if (c < 0x10000) {
    out += "\\u";
    append_hex(out, c, 4);
  } else {
    out += "\\U";
    append_hex(out, c, 8);
  }
}

}  // namespace

std::string go_quote(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const Rune rune = next_rune(text);
    if (rune.valid) {
      append_rune(out, rune.code, text.substr(0, rune.bytes));
    } else {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(text.front()), 2);
    }
    text.remove_prefix(rune.bytes);
  }
  out += '"';
  return out;
}

}  // namespace csrflow::api
