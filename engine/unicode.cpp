#include "engine/unicode.hpp"

#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/uversion.h>

#include <algorithm>
#include <array>
#include <memory>

namespace csrflow::engine {
namespace {

bool ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::u16string from_utf8(std::string_view text, UErrorCode& error) {
  std::u16string out(text.size(), u'\0');  // never longer than in UTF-8
  int32_t length = 0;
  u_strFromUTF8(out.data(), static_cast<int32_t>(out.size()), &length, text.data(),
                static_cast<int32_t>(text.size()), &error);
  out.resize(U_SUCCESS(error) ? static_cast<std::size_t>(length) : 0);
  return out;
}

std::string to_utf8(const std::u16string& text, UErrorCode& error) {
  std::string out(text.size() * 3, '\0');
  int32_t length = 0;
  u_strToUTF8(out.data(), static_cast<int32_t>(out.size()), &length, text.data(),
              static_cast<int32_t>(text.size()), &error);
  out.resize(U_SUCCESS(error) ? static_cast<std::size_t>(length) : 0);
  return out;
}

struct CloseIdna {
  void operator()(UIDNA* idna) const { uidna_close(idna); }
};
std::unique_ptr<UIDNA, CloseIdna> open_idna(UErrorCode& error) {
  return std::unique_ptr<UIDNA, CloseIdna>(
      uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_NONTRANSITIONAL_TO_UNICODE | UIDNA_CHECK_BIDI |
                          UIDNA_CHECK_CONTEXTJ | UIDNA_CHECK_CONTEXTO | UIDNA_USE_STD3_RULES,
                      &error));
}

bool turns_direction(UChar32 c) {
  return c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069);
}

/// Why the character has no place in a name; empty: it may stand there.
std::string_view fault_of(UChar32 c) {
  if (c < 0) return "bytes that are not UTF-8";
  if (c == 0) return "a NUL";
  if (turns_direction(c)) return "a mark that turns the direction of text";
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
      return "a control character";
    case U_PRIVATE_USE_CHAR:
      return "a private character";
    case U_UNASSIGNED:
      return "an unassigned character";
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return "a separator of lines";
    default:
      return {};
  }
}

}  // namespace

bool is_utf8(std::string_view text) {
  if (ascii(text)) return true;
  UErrorCode error = U_ZERO_ERROR;
  from_utf8(text, error);
  return U_SUCCESS(error);
}

std::string nfc(std::string_view text) {
  if (ascii(text)) return std::string(text);
  UErrorCode error = U_ZERO_ERROR;
  const std::u16string wide = from_utf8(text, error);
  const UNormalizer2* normalizer = unorm2_getNFCInstance(&error);
  if (U_FAILURE(error)) return std::string(text);
  // NFC grows a text by a factor of 3 at most (Unicode's FAQ on normalization).
  std::u16string composed(wide.size() * 3, u'\0');
  const int32_t length = unorm2_normalize(normalizer, wide.data(), static_cast<int32_t>(wide.size()),
                                          composed.data(), static_cast<int32_t>(composed.size()), &error);
  if (U_FAILURE(error)) return std::string(text);
  composed.resize(static_cast<std::size_t>(length));
  std::string out = to_utf8(composed, error);
  return U_SUCCESS(error) ? out : std::string(text);
}

std::expected<std::string, std::string> to_a_labels(std::string_view domain) {
  if (ascii(domain)) {
    std::string lower(domain);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return lower;
  }
  constexpr std::size_t max_domain_bytes = 1024;
  if (domain.size() > max_domain_bytes) return std::unexpected("longer than 253");
  UErrorCode error = U_ZERO_ERROR;
  const auto idna = open_idna(error);
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  std::array<char, 4 * max_domain_bytes> out{};
  const int32_t length =
      U_FAILURE(error)
          ? 0
          : uidna_nameToASCII_UTF8(idna.get(), domain.data(), static_cast<int32_t>(domain.size()), out.data(),
                                   static_cast<int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) || info.errors != 0) return std::unexpected("not a name of IDNA 2008");
  return std::string(out.data(), static_cast<std::size_t>(length));
}

bool has_valid_a_labels(std::string_view name) {
  constexpr std::size_t max_name_bytes = 253;
  if (name.find("xn--") == std::string_view::npos) return true;
  if (name.size() > max_name_bytes) return false;
  UErrorCode error = U_ZERO_ERROR;
  const auto idna = open_idna(error);
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  std::array<char, 4 * max_name_bytes> out{};
  if (U_SUCCESS(error))
    uidna_nameToUnicodeUTF8(idna.get(), name.data(), static_cast<int32_t>(name.size()), out.data(),
                            static_cast<int32_t>(out.size()), &info, &error);
  return U_SUCCESS(error) && info.errors == 0;
}

std::optional<std::string> unreadable(std::string_view utf8) {
  const auto size = static_cast<int32_t>(utf8.size());
  for (int32_t at = 0; at < size;) {
    const int32_t begin = at;
    UChar32 c = 0;
    U8_NEXT(utf8.data(), at, size, c);
    if (const auto fault = fault_of(c); !fault.empty())
      return std::string(fault) + " at byte " + std::to_string(begin);
  }
  return std::nullopt;
}

std::string unicode_version() {
  UVersionInfo version{};
  u_getUnicodeVersion(version);
  return std::to_string(version[0]) + '.' + std::to_string(version[1]);
}

}  // namespace csrflow::engine
