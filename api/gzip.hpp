// Answers in gzip (RFC 1952) for clients that ask for it.
#pragma once

#include <string>
#include <string_view>

namespace csrflow::api {

/// Smaller answers are not worth the time; as kube-apiserver.
constexpr std::size_t smallest_compressed = 128 * 1024;

/// Is `gzip` among the codings of an Accept-Encoding field? A coding with parameters is not looked at, as in
/// kube-apiserver.
bool accepts_gzip(std::string_view accept_encoding);
/// The fastest level; throws std::runtime_error when zlib has no memory.
std::string gzip(std::string_view bytes);

}  // namespace csrflow::api
