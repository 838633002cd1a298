// SHA-256 for tests of the engine, which knows no OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <stdexcept>

#include "engine/types.hpp"

namespace csrflow::test {

inline engine::Sha256 sha256(std::string_view bytes) {
  engine::Sha256 digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

}  // namespace csrflow::test
