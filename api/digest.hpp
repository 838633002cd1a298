// Digests of what is served, for ETags and hashes in documents.
#pragma once

#include <string>
#include <string_view>

namespace csrflow::api {

/// The 32 bytes of SHA-256.
std::string sha256_bytes(std::string_view text);
/// Lower-case hex of SHA-512, as kube-apiserver makes its ETags.
std::string sha512_hex(std::string_view text);

}  // namespace csrflow::api
