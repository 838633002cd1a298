#include "api/digest.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "engine/types.hpp"

namespace csrflow::api {

namespace {

std::string digest(std::string_view text, const EVP_MD* algorithm) {
  std::string bytes(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  // reinterpret_cast: OpenSSL speaks unsigned char.
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(bytes.data()), &size, algorithm,
                 nullptr) != 1) {
    throw std::runtime_error("OpenSSL cannot compute a digest");
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

std::string sha256_bytes(std::string_view text) {
  return digest(text, EVP_sha256());
}
std::string sha512_hex(std::string_view text) {
  return engine::to_hex(digest(text, EVP_sha512()));
}

}  // namespace csrflow::api
