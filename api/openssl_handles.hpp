// OpenSSL's handles as owning pointers, for the HTTPS edge.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::api {

template <auto Free>
struct FreeHandle {
  template <class T>
  void operator()(T* handle) const {
    Free(handle);
  }
};
inline void free_certificates(STACK_OF(X509) * list) {
  sk_X509_pop_free(list, X509_free);
}

using BioHandle = std::unique_ptr<BIO, FreeHandle<BIO_free>>;
using CertificateHandle = std::unique_ptr<X509, FreeHandle<X509_free>>;
using CertificatesHandle = std::unique_ptr<STACK_OF(X509), FreeHandle<free_certificates>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeHandle<EVP_PKEY_free>>;
using StoreHandle = std::unique_ptr<X509_STORE, FreeHandle<X509_STORE_free>>;
using StoreContextHandle = std::unique_ptr<X509_STORE_CTX, FreeHandle<X509_STORE_CTX_free>>;

/// Throws std::runtime_error: what failed, and OpenSSL's first reason; empties its queue.
[[noreturn]] void refuse(const std::string& what);
/// Reads from `text`, which must outlive it.
BioHandle bio_over(std::string_view text);
/// The next PEM certificate; null when there is none.
CertificateHandle next_certificate(BIO*);
engine::Sha256 sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

}  // namespace csrflow::api
