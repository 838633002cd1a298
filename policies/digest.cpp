#include "policies/digest.hpp"

#include <openssl/sha.h>

#include <array>
#include <bit>

#include "engine/types.hpp"

namespace csrflow::policies {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  // The one-shot function: no context, no failure.
  SHA256(std::bit_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return engine::to_hex({std::bit_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace csrflow::policies
