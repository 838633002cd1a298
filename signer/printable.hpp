// The characters of a PrintableString (X.680 41.4).
#pragma once

#include <string_view>

namespace csrflow::signer {

constexpr bool is_printable(unsigned char c) {
  constexpr std::string_view others = " '()+,-./:=?";
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         others.find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace csrflow::signer
