// Text that goes into lines, headers and messages: titles come from names that anybody may have chosen.
#pragma once

#include <string>
#include <string_view>

namespace csrflow::notify {

constexpr std::size_t max_title_bytes = 300, max_text_bytes = 16 * 1024, max_reply_bytes = 300;

/// Well-formed UTF-8 in one line: control characters become blanks, bytes that are no UTF-8 U+FFFD. Cut
/// before a character at `max_bytes`.
std::string one_line(std::string_view text, std::size_t max_bytes = max_title_bytes);
/// The same in several lines: line ends (CR LF, CR, LF) become LF.
std::string lines(std::string_view text, std::size_t max_bytes = max_text_bytes);
/// Printable ASCII without blanks, for the value of a header; whatever else becomes `_`.
std::string header_token(std::string_view text);

}  // namespace csrflow::notify
