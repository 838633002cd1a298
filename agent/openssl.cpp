#include "agent/openssl.hpp"

#include <openssl/err.h>

namespace csrflow::agent {

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

BioHandle reading(std::string_view bytes) {
  return BioHandle(require(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), "read a text"));
}

std::string_view written(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

}  // namespace csrflow::agent
