// Standard base64 (RFC 4648 4).
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace csrflow::engine {

/// Appends the bytes in base64 with padding.
void append_base64(std::string& out, std::string_view bytes);

enum class LineBreaks { refused, ignored };
/// The bytes. Padding is required, and no foreign character allowed; `ignored` passes over CR and LF, as
/// Kubernetes does. The error is Go's sentence, which Kubernetes' clients know: `illegal base64 data at input
/// byte 4`.
std::expected<std::string, std::string> decode_base64(std::string_view text,
                                                      LineBreaks = LineBreaks::refused);

}  // namespace csrflow::engine
