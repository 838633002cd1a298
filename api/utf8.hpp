// UTF-8 as Go reads it (RFC 3629: no surrogates, no overlong forms).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace csrflow::api {

/// The first character of a text that is not empty; an invalid byte counts as one of its own.
struct Rune {
  char32_t code = 0xFFFD;
  std::size_t bytes = 1;
  bool valid = false;
};
Rune next_rune(std::string_view text);

bool valid_utf8(std::string_view text);
/// Each invalid byte becomes U+FFFD.
std::string repaired_utf8(std::string_view text);

}  // namespace csrflow::api
