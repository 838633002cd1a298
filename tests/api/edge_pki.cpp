#include "tests/api/edge_pki.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>

namespace csrflow::api::test {
namespace {

std::string contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void add_text(X509_NAME* name, const char* field, const std::string& text) {
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()), -1, 0);
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

CertificateHandle make(const Wish& wish, X509* issuer, EVP_PKEY* issuer_key, EVP_PKEY* key) {
  static std::atomic<long> serial{1};
  CertificateHandle certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), wish.serial != 0 ? wish.serial : serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.not_before);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.not_after);
  auto* name = X509_get_subject_name(certificate.get());
  for (const auto& organization : wish.subject.organizations) add_text(name, "O", organization);
  if (!wish.subject.common_name.empty()) add_text(name, "CN", wish.subject.common_name);
  if (!wish.subject.uid.empty()) add_text(name, "1.3.6.1.4.1.57683.2", wish.subject.uid);
  X509_set_issuer_name(certificate.get(), issuer ? X509_get_subject_name(issuer) : name);
  X509_set_pubkey(certificate.get(), key);
  if (wish.ca) add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.usage.empty()) add_extension(certificate.get(), NID_ext_key_usage, wish.usage);
  X509_sign(certificate.get(), issuer_key, EVP_sha256());
  return certificate;
}

Credential credential(X509* certificate, EVP_PKEY* key) {
  const BioHandle pem(BIO_new(BIO_s_mem())), key_pem(BIO_new(BIO_s_mem())), der(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(pem.get(), certificate);
  PEM_write_bio_PrivateKey(key_pem.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  i2d_X509_bio(der.get(), certificate);
  return {.certificate = contents(pem.get()), .key = contents(key_pem.get()), .der = contents(der.get())};
}

}  // namespace

Authority::Authority(const std::string& name) : key_(EVP_EC_gen("P-256")) {
  certificate_ =
      make({.subject = {.common_name = name}, .usage = "", .ca = true}, nullptr, key_.get(), key_.get());
  self_ = credential(certificate_.get(), key_.get());
}

Credential Authority::issue(const Wish& wish) const {
  const KeyHandle key(EVP_EC_gen("P-256"));
  const auto certificate = make(wish, certificate_.get(), key_.get(), key.get());
  return credential(certificate.get(), key.get());
}

}  // namespace csrflow::api::test
