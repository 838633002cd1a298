// OpenSSL's handles as owning pointers, and its error queue as one string. No *_free elsewhere.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::agent {

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Free(handle);
  }
};
template <typename T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

inline void free_memory(void* memory) {
  OPENSSL_free(memory);
}
inline void free_extensions(X509_EXTENSIONS* list) {
  sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
}
inline void free_usages(EXTENDED_KEY_USAGE* list) {
  sk_ASN1_OBJECT_pop_free(list, ASN1_OBJECT_free);
}

using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using BioHandle = Handle<BIO, BIO_free_all>;
using DigestContextHandle = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using CertificateHandle = Handle<X509, X509_free>;
using CrlHandle = Handle<X509_CRL, X509_CRL_free>;
using NameHandle = Handle<X509_NAME, X509_NAME_free>;
using ExtensionsHandle = Handle<X509_EXTENSIONS, free_extensions>;
using GeneralNameHandle = Handle<GENERAL_NAME, GENERAL_NAME_free>;
using GeneralNamesHandle = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using BitStringHandle = Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using UsagesHandle = Handle<EXTENDED_KEY_USAGE, free_usages>;

/// Takes everything out of this thread's error queue; `unknown error` when it is empty.
std::string drain_errors();

/// OpenSSL could not do what must be possible: no memory, no algorithm, a broken invariant.
struct OpenSslError : std::runtime_error {
  explicit OpenSslError(const std::string& doing) : std::runtime_error(doing + ": " + drain_errors()) {}
};
inline void require(bool ok, const char* doing) {
  if (!ok) throw OpenSslError(doing);
}
template <typename T>
T* require(T* handle, const char* doing) {
  if (handle == nullptr) throw OpenSslError(doing);
  return handle;
}

/// The DER of a handle, by its i2d function.
template <typename T>
engine::Bytes der_of(int (*i2d)(T*, unsigned char**), std::remove_const_t<T>* value) {
  unsigned char* der = nullptr;
  const int length = i2d(value, &der);
  const Handle<unsigned char, free_memory> owner(der);
  require(length >= 0, "write DER");
  return {reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)};
}

inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline std::string_view view(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}
/// A buffer that reads from these bytes, which outlive it.
BioHandle reading(std::string_view bytes);
/// What was written into a memory buffer.
std::string_view written(BIO*);

}  // namespace csrflow::agent
