// OpenSSL's handles as owning pointers, and its error queue as one string. No *_free elsewhere.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::signer {

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
inline void free_extended_key_usage(EXTENDED_KEY_USAGE* list) {
  sk_ASN1_OBJECT_pop_free(list, ASN1_OBJECT_free);
}

using KeyPtr = Handle<EVP_PKEY, EVP_PKEY_free>;
using KeyContextPtr = Handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestPtr = Handle<EVP_MD, EVP_MD_free>;
using DigestContextPtr = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using BioPtr = Handle<BIO, BIO_free_all>;
using NumberPtr = Handle<BIGNUM, BN_free>;
using ParamBuilderPtr = Handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using ParamsPtr = Handle<OSSL_PARAM, OSSL_PARAM_free>;
using CertificatePtr = Handle<X509, X509_free>;
using NamePtr = Handle<X509_NAME, X509_NAME_free>;
using NameEntryPtr = Handle<X509_NAME_ENTRY, X509_NAME_ENTRY_free>;
using IntegerPtr = Handle<ASN1_INTEGER, ASN1_INTEGER_free>;
using BitStringPtr = Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using OctetStringPtr = Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using AnyPtr = Handle<ASN1_TYPE, ASN1_TYPE_free>;
using BasicConstraintsPtr = Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using AuthorityKeyIdPtr = Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;
using GeneralNamePtr = Handle<GENERAL_NAME, GENERAL_NAME_free>;
using GeneralNamesPtr = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using ExtensionsPtr = Handle<X509_EXTENSIONS, free_extensions>;
using ExtendedKeyUsagePtr = Handle<EXTENDED_KEY_USAGE, free_extended_key_usage>;
using MemoryPtr = Handle<unsigned char, free_memory>;

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

inline const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
inline unsigned char* octets(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}
inline std::string_view view(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

/// A digest fetched once a thread: fetching takes a contended lock.
const EVP_MD* fetched_digest(const char* name);
/// Digest of the bytes with a fetched digest.
engine::Bytes digest(const EVP_MD* algorithm, std::string_view bytes);
engine::Bytes sha256(std::string_view bytes);

}  // namespace csrflow::signer
