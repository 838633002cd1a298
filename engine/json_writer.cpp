#include "engine/json_writer.hpp"

#include <array>

namespace csrflow::engine {
namespace {

/// What a byte of a string needs: nothing (0), a letter after a backslash, \u00XX ('u'), or a look at its
/// UTF-8 sequence ('8').
constexpr std::array<char, 256> make_kinds() {
  std::array<char, 256> kinds{};
  for (std::size_t c = 0; c < 0x20; ++c) kinds[c] = 'u';
  for (std::size_t c = 0x80; c < 256; ++c) kinds[c] = '8';
  kinds['"'] = '"';
  kinds['\\'] = '\\';
  kinds['\b'] = 'b';
  kinds['\f'] = 'f';
  kinds['\n'] = 'n';
  kinds['\r'] = 'r';
  kinds['\t'] = 't';
  return kinds;
}
constexpr auto kinds = make_kinds();

unsigned char at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

/// Length of the well-formed UTF-8 sequence at `i` (RFC 3629 4); 0 when it is not one.
std::size_t utf8_length(std::string_view text, std::size_t i) {
  const auto tail = [&](std::size_t n) { return (at(text, i + n) & 0xc0) == 0x80; };
  const unsigned char lead = at(text, i), second = at(text, i + 1);
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && second < 0xa0;
    const bool surrogate = lead == 0xed && second > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && second < 0x90;
    const bool too_great = lead == 0xf4 && second > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_great ? 4 : 0;
  }
  return 0;
}

void append_escape(std::string& out, char c, char kind) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '\\';
  out += kind;
  if (kind != 'u') return;
  out += "00";
  out += hex[static_cast<unsigned char>(c) >> 4];
  out += hex[static_cast<unsigned char>(c) & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t run = 0;  // start of what is copied as it is
  std::size_t i = 0;
  while (i < text.size()) {
    const char kind = kinds[static_cast<unsigned char>(text[i])];
    const std::size_t length = kind == 0 ? 1 : kind == '8' ? utf8_length(text, i) : 0;
    if (length != 0) {
      i += length;
      continue;
    }
    out += text.substr(run, i - run);
    if (kind == '8') {
      out += "\xef\xbf\xbd";
    } else {
      append_escape(out, text[i], kind);
    }
    run = ++i;
  }
  out += text.substr(run);
  out += '"';
}

void append_json_base64(std::string& out, std::string_view bytes) {
  out += '"';
  append_base64(out, bytes);
  out += '"';
}

std::string& JsonObject::key(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  append_json_string(out_, name);
  out_ += ':';
  return out_;
}

void JsonObject::texts(std::string_view name, std::span<const std::string> values) {
  key(name) += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out_ += ',';
    append_json_string(out_, values[i]);
  }
  out_ += ']';
}

}  // namespace csrflow::engine
