#include "signer/served_names.hpp"

#include <openssl/pem.h>

#include <algorithm>

#include "signer/algorithm.hpp"

namespace csrflow::signer {
namespace {

/// Null for what is not one.
CertificatePtr read_certificate(const engine::Bytes& pem) {
  BioPtr bio(require(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "reading a certificate"));
  CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) drain_errors();
  return certificate;
}

}  // namespace

bool certifies_key(const engine::Bytes& pem, const EVP_PKEY& key) {
  CertificatePtr certificate = read_certificate(pem);
  const EVP_PKEY* certified = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (!certified) drain_errors();
  return certified && spki_of(*certified) == spki_of(key);
}

bool serves_names(const engine::Bytes& pem, const std::vector<std::string>& names) {
  CertificatePtr certificate = read_certificate(pem);
  if (!certificate) return false;
  return std::ranges::all_of(names, [&](const std::string& name) {
    bool found = X509_check_ip_asc(certificate.get(), name.c_str(), 0) == 1 ||
                 X509_check_host(certificate.get(), name.data(), name.size(),
                                 X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
    drain_errors();
    return found;
  });
}

}  // namespace csrflow::signer
