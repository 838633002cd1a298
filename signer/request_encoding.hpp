// The bytes of a PKCS#10 by which a successor is compared with its predecessor.
#pragma once

#include <expected>

#include "engine/same_request.hpp"

namespace csrflow::signer {

/// As sent (RFC 2986 4.1); an error in words for what cannot be read. Thread-safe.
std::expected<engine::RequestEncoding, std::string> request_encoding(const engine::Bytes& pem);

}  // namespace csrflow::signer
