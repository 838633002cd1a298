// PEM (RFC 7468) with the tolerance of Go's encoding/pem, which Kubernetes' clients rely on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::signer {

struct PemBlock {
  std::string type;          ///< `CERTIFICATE REQUEST`
  bool has_headers = false;  ///< RFC 1421 headers stood before the base64
  engine::Bytes der;
};
struct PemFound {
  PemBlock block;
  std::string_view rest;  ///< what follows the block
};

/// The first well-formed block. Text before and after is skipped, CRLF, headers, blanks inside base64 are
/// tolerated; a block starts at the beginning of a line. Nothing when there is none.
std::optional<PemFound> find_pem(std::string_view text);

/// One block in lines of 64 characters, with a final newline.
engine::Bytes to_pem(std::string_view type, std::string_view der);

/// Standard alphabet with padding, on one line.
std::string base64(std::string_view bytes);

}  // namespace csrflow::signer
