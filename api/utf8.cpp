#include "api/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace csrflow::api {

Rune next_rune(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = 0;
  char32_t code = 0;
  char32_t smallest = 0;
  if ((lead & 0xE0) == 0xC0) {
    length = 2, code = lead & 0x1F, smallest = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    length = 3, code = lead & 0x0F, smallest = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    length = 4, code = lead & 0x07, smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3F);
  }
  if (code < smallest || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length, true};
}

namespace {

/// Takes ASCII off the front, eight bytes at a time: most bodies are nothing else.
void skip_ascii(std::string_view& text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::uint64_t word = 0;
  while (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);
    if ((word & high_bits) != 0) return;
    text.remove_prefix(sizeof word);
  }
}

}  // namespace

bool valid_utf8(std::string_view text) {
  for (skip_ascii(text); !text.empty(); skip_ascii(text)) {
    const Rune rune = next_rune(text);
    if (!rune.valid) return false;
    text.remove_prefix(rune.bytes);
  }
  return true;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Rune rune = next_rune(text);
    if (rune.valid) {
      out += text.substr(0, rune.bytes);
    } else {
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(rune.bytes);
  }
  return out;
}

}  // namespace csrflow::api
