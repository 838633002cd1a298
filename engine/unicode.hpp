// What of Unicode names and attribute values need. ICU's common library does it, in unicode.cpp only.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace csrflow::engine {

/// Normalization Form C. Text that is not UTF-8 stays as it is.
std::string nfc(std::string_view text);
/// Each label of a domain as an A-label (UTS 46, non-transitional, with the checks of IDNA 2008); ASCII
/// labels become lower case and are not judged further.
std::expected<std::string, std::string> to_a_labels(std::string_view domain);
/// Version of Unicode: `15.0`.
std::string unicode_version();

}  // namespace csrflow::engine
