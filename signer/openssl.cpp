#include "signer/openssl.hpp"

#include <openssl/err.h>

#include <map>

namespace csrflow::signer {

std::string drain_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    char line[256];
    ERR_error_string_n(code, line, sizeof line);
    if (!text.empty()) text += "; ";
    text += line;
  }
  return text.empty() ? "unknown error" : text;
}

const EVP_MD* fetched_digest(const char* name) {
  thread_local std::map<std::string, DigestPtr, std::less<>> fetched;
  const std::string_view key = name;
  auto found = fetched.find(key);
  if (found == fetched.end()) {
    DigestPtr algorithm(require(EVP_MD_fetch(nullptr, name, nullptr), "fetch a digest"));
    found = fetched.emplace(name, std::move(algorithm)).first;
  }
  return found->second.get();
}

engine::Bytes digest(const EVP_MD* algorithm, std::string_view bytes) {
  engine::Bytes result(static_cast<std::size_t>(EVP_MD_get_size(algorithm)), '\0');
  unsigned int length = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), octets(result), &length, algorithm, nullptr) == 1, "digest");
  result.resize(length);
  return result;
}

engine::Bytes sha256(std::string_view bytes) {
  return digest(fetched_digest("SHA256"), bytes);
}

}  // namespace csrflow::signer
