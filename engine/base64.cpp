#include "engine/base64.hpp"

#include <array>
#include <cstdint>

namespace csrflow::engine {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t foreign = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(foreign);
  for (std::uint8_t i = 0; i < 64; ++i) values[static_cast<unsigned char>(alphabet[i])] = i;
  return values;
}
constexpr auto values = make_values();

using Group = std::array<std::uint8_t, 4>;

void append_group(std::string& out, const Group& v, std::size_t bytes) {
  const std::uint32_t word =
      std::uint32_t{v[0]} << 18 | std::uint32_t{v[1]} << 12 | std::uint32_t{v[2]} << 6 | std::uint32_t{v[3]};
  const std::array<char, 3> decoded = {static_cast<char>(word >> 16 & 0xff),
                                       static_cast<char>(word >> 8 & 0xff), static_cast<char>(word & 0xff)};
  out.append(decoded.data(), bytes);
}

struct Decoder {
  std::string_view text;
  LineBreaks breaks;
  std::size_t at = 0;

  std::uint8_t value(std::size_t ahead) const { return values[static_cast<unsigned char>(text[at + ahead])]; }
  void skip_line_breaks() {
    while (breaks == LineBreaks::ignored && at < text.size() && (text[at] == '\n' || text[at] == '\r')) ++at;
  }

  /// The common case, four characters of the alphabet in a row.
  bool take_whole(std::string& out) {
    if (text.size() - at < 4) return false;
    const Group v = {value(0), value(1), value(2), value(3)};
    if (((v[0] | v[1] | v[2] | v[3]) & 0xc0) != 0) return false;
    append_group(out, v, 3);
    at += 4;
    return true;
  }

  /// A group with line breaks or padding in it. True when it was the last; the error is the place that Go
  /// reports.
  std::expected<bool, std::size_t> take(std::string& out) {
    Group v{};
    for (std::size_t n = 0; n < 4; ++n) {
      skip_line_breaks();
      if (at == text.size()) {
        if (n == 0) return true;
        return std::unexpected(at - n);
      }
      v[n] = value(0);
      ++at;
      if (v[n] != foreign) continue;
      if (text[at - 1] != '=' || n < 2) return std::unexpected(at - 1);
      v[n] = 0;
      return take_padding(out, v, n);
    }
    append_group(out, v, 3);
    return false;
  }

  /// After the first `=`, which stands for the group's n-th character.
  std::expected<bool, std::size_t> take_padding(std::string& out, const Group& v, std::size_t n) {
    if (n == 2) {
      skip_line_breaks();
      if (at == text.size()) return std::unexpected(at);
      if (text[at] != '=') return std::unexpected(at - 1);
      ++at;
    }
    skip_line_breaks();
    if (at < text.size()) return std::unexpected(at);
    append_group(out, v, n - 1);
    return true;
  }
};

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t begin = out.size();
  out.resize(begin + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + begin;
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
  const auto put = [&](std::uint32_t word, int count) {
    for (int shift = 18; count > 0; --count, shift -= 6) *to++ = alphabet[word >> shift & 63];
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) put(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2), 4);
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  put(byte(i) << 16 | (left == 2 ? byte(i + 1) << 8 : 0), left == 2 ? 3 : 2);
  while (to != out.data() + out.size()) *to++ = '=';
}

std::expected<std::string, std::string> decode_base64(std::string_view text, LineBreaks breaks) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  Decoder decoder{text, breaks};
  for (;;) {
    while (decoder.take_whole(out)) {
    }
    const auto last = decoder.take(out);
    if (!last) return std::unexpected("illegal base64 data at input byte " + std::to_string(last.error()));
    if (*last) return out;
  }
}

}  // namespace csrflow::engine
