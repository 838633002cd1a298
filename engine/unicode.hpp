// What of Unicode names and attribute values need. ICU's common library does it, in unicode.cpp only.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace csrflow::engine {

bool is_utf8(std::string_view text);
/// Normalization Form C. Text that is not UTF-8 stays as it is.
std::string nfc(std::string_view text);
/// Each label of a domain as an A-label (UTS 46, non-transitional, with the checks of IDNA 2008); ASCII
/// labels become lower case and are not judged further.
std::expected<std::string, std::string> to_a_labels(std::string_view domain);
/// Do all labels that begin with `xn--` stand for a label of IDNA 2008? `name` is ASCII.
bool has_valid_a_labels(std::string_view name);
/// What in UTF-8 text has no place in a name that people read (controls, marks that turn its direction,
/// private and unassigned characters, line and paragraph separators), as `a control character at byte 4`;
/// nothing when it is good.
std::optional<std::string> unreadable(std::string_view utf8);
/// Version of Unicode: `15.0`.
std::string unicode_version();

}  // namespace csrflow::engine
