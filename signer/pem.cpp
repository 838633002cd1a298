#include "signer/pem.hpp"

#include <algorithm>

#include "signer/openssl.hpp"

namespace csrflow::signer {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ";
constexpr std::string_view end_mark = "\n-----END ";
constexpr std::string_view dashes = "-----";

/// Cuts the first line off: without its line end and trailing blanks.
std::string_view take_line(std::string_view& text) {
  const auto newline = text.find('\n');
  auto line = text.substr(0, newline);
  text = newline == std::string_view::npos ? std::string_view() : text.substr(newline + 1);
  if (newline != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return line;
}

bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

std::optional<engine::Bytes> decode_base64(std::string_view text) {
  std::string compact;
  compact.reserve(text.size());
  std::ranges::copy_if(text, std::back_inserter(compact),
                       [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
  if (compact.empty()) return engine::Bytes();
  const std::size_t padding = compact.ends_with("==") ? 2 : compact.ends_with('=') ? 1 : 0;
  const auto digits = std::string_view(compact).substr(0, compact.size() - padding);
  if (compact.size() % 4 != 0 || !std::ranges::all_of(digits, is_base64)) return std::nullopt;
  engine::Bytes decoded(compact.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(octets(decoded), octets(std::string_view(compact)), static_cast<int>(compact.size())) <
      0)
    return std::nullopt;
  decoded.resize(decoded.size() - padding);
  return decoded;
}

struct Candidate {
  std::string_view inside;   // from the line after BEGIN to the newline before END; empty for an empty block
  std::string_view trailer;  // what follows `-----END `
  std::string_view type;
};

std::optional<PemFound> read_block(Candidate c) {
  PemBlock block;
  block.type = c.type;
  while (!c.inside.empty()) {
    auto next = c.inside;
    if (take_line(next).find(':') == std::string_view::npos) break;
    block.has_headers = true;
    // Headers that run into the END line leave no place for the body.
    if (next.empty()) return std::nullopt;
    c.inside = next;
  }
  if (!c.trailer.starts_with(c.type)) return std::nullopt;
  c.trailer.remove_prefix(c.type.size());
  if (!c.trailer.starts_with(dashes)) return std::nullopt;
  c.trailer.remove_prefix(dashes.size());
  if (!take_line(c.trailer).empty()) return std::nullopt;
  auto der = decode_base64(c.inside);
  if (!der) return std::nullopt;
  block.der = std::move(*der);
  return PemFound{std::move(block), c.trailer};
}

}  // namespace

// As in Go, the END line is looked for first and then the last BEGIN before it, so that repeated BEGIN lines
// without an END are skipped.
std::optional<PemFound> find_pem(std::string_view text) {
  while (true) {
    const auto end = text.find(end_mark);
    if (end == std::string_view::npos) return std::nullopt;
    const auto trailer = text.substr(end + end_mark.size());
    const auto before = text.substr(0, end + 1);  // with the newline that ends the last line before END
    text = trailer;
    const auto begin = before.rfind(begin_mark);
    if (begin == std::string_view::npos || (begin > 0 && before[begin - 1] != '\n')) continue;
    auto inside = before.substr(begin + begin_mark.size());
    auto type = take_line(inside);
    if (!type.ends_with(dashes)) continue;
    type.remove_suffix(dashes.size());
    if (auto found = read_block({inside, trailer, type})) return found;
  }
}

engine::Bytes to_pem(std::string_view type, std::string_view der) {
  constexpr std::size_t line = 64;
  const std::string body = base64(der);
  engine::Bytes pem;
  pem.reserve(body.size() + body.size() / line + 2 * type.size() + 48);
  pem.append(begin_mark).append(type).append(dashes).append("\n");
  for (std::size_t at = 0; at < body.size(); at += line) pem.append(body, at, line).append("\n");
  pem.append(end_mark.substr(1)).append(type).append(dashes).append("\n");
  return pem;
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock adds a NUL
  text.resize(
      static_cast<std::size_t>(EVP_EncodeBlock(octets(text), octets(bytes), static_cast<int>(bytes.size()))));
  return text;
}

}  // namespace csrflow::signer
