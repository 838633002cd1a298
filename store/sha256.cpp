#include "store/sha256.hpp"

#include <openssl/evp.h>

#include <memory>

#include "store/error.hpp"

namespace csrflow::store {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching costs more than hashing an event, so each thread keeps its own.
struct Hasher {
  std::unique_ptr<EVP_MD, FreeDigest> digest{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

}  // namespace

engine::Sha256 sha256_of(std::initializer_list<std::string_view> parts) {
  thread_local const Hasher hasher;
  engine::Sha256 hash{};
  bool ok = hasher.digest && hasher.context &&
            EVP_DigestInit_ex2(hasher.context.get(), hasher.digest.get(), nullptr) == 1;
  for (const auto part : parts)
    ok = ok && EVP_DigestUpdate(hasher.context.get(), part.data(), part.size()) == 1;
  if (!ok || EVP_DigestFinal_ex(hasher.context.get(), hash.data(), nullptr) != 1)
    throw StoreError("libcrypto computes no SHA-256");
  return hash;
}

engine::Sha256 sha256(std::string_view bytes) {
  return sha256_of({bytes});
}

}  // namespace csrflow::store
