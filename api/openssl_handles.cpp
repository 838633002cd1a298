#include "api/openssl_handles.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdexcept>

namespace csrflow::api {

void refuse(const std::string& what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  std::string reason(256, '\0');
  ERR_error_string_n(code, reason.data(), reason.size());
  throw std::runtime_error(what + (code ? std::string(": ") + reason.c_str() : std::string()));
}

BioHandle bio_over(std::string_view text) {
  BioHandle bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) refuse("no memory for PEM");
  return bio;
}

CertificateHandle next_certificate(BIO* bio) {
  CertificateHandle certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

engine::Sha256 sha256(std::string_view bytes) {
  engine::Sha256 digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    refuse("no SHA-256");
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  const auto digest = sha256(bytes);
  return engine::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace csrflow::api
