#include "bench/p256.hpp"

#include "bench/repeat.hpp"
#include "signer/keys.hpp"

namespace csrflow::bench {

using namespace signer;

namespace {

constexpr std::size_t message_bytes = 300;

engine::Bytes sign_with(EVP_PKEY_CTX* context, std::string_view message) {
  const engine::Bytes hash = sha256(message);
  unsigned char signature[80];  // 72 at most: a SEQUENCE of two INTEGERs of 33 bytes
  std::size_t size = sizeof signature;
  require(EVP_PKEY_sign(context, signature, &size, octets(std::string_view(hash)), hash.size()) == 1, "sign");
  return {reinterpret_cast<const char*>(signature), size};
}

}  // namespace

P256::P256()
    : key_(generate_p256()),
      signing_(require(EVP_PKEY_CTX_new(key_.get(), nullptr), "make a context")),
      verifying_(require(EVP_PKEY_CTX_new(key_.get(), nullptr), "make a context")),
      message_(message_bytes, 'm') {
  require(EVP_PKEY_sign_init(signing_.get()) == 1 && EVP_PKEY_verify_init(verifying_.get()) == 1,
          "make a context");
  signature_ = sign_with(signing_.get(), message_);
}

Microseconds P256::verify(Seconds time) {
  return average(time, [&] {
    const engine::Bytes hash = sha256(message_);
    require(EVP_PKEY_verify(verifying_.get(), octets(std::string_view(signature_)), signature_.size(),
                            octets(std::string_view(hash)), hash.size()) == 1,
            "verify");
  });
}

Microseconds P256::sign(Seconds time) {
  return average(time, [&] { sign_with(signing_.get(), message_); });
}

}  // namespace csrflow::bench
