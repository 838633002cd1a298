#include "agent/key.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>

namespace csrflow::agent {
namespace {

constexpr std::size_t name_digits = 12;

EVP_PKEY* make_key(KeyKind kind) {
  switch (kind) {
    case KeyKind::p256:
      return EVP_EC_gen("P-256");
    case KeyKind::p384:
      return EVP_EC_gen("P-384");
    case KeyKind::rsa2048:
      return EVP_RSA_gen(2048);
    case KeyKind::rsa3072:
      return EVP_RSA_gen(3072);
    case KeyKind::rsa4096:
      return EVP_RSA_gen(4096);
    case KeyKind::ed25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  std::unreachable();
}

/// OpenSSL's own callback would ask the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

PrivateKey PrivateKey::make(KeyKind kind) {
  return PrivateKey(KeyHandle(require(make_key(kind), "make a key")));
}

std::expected<PrivateKey, std::string> PrivateKey::read(std::string_view pem) {
  const BioHandle bio = reading(pem);
  KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key) return std::unexpected("holds no private key in PEM that is not encrypted");
  return PrivateKey(std::move(key));
}

Secret PrivateKey::pem() const {
  const BioHandle bio(require(BIO_new(BIO_s_secmem()), "make a buffer"));
  require(PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write a key");
  return Secret(written(bio.get()));
}

engine::Bytes PrivateKey::public_key() const {
  return der_of<const EVP_PKEY>(i2d_PUBKEY, key_.get());
}

const EVP_MD* PrivateKey::digest() const {
  if (EVP_PKEY_is_a(key_.get(), "ED25519") == 1) return nullptr;
  constexpr int bits_of_p384 = 384;
  return EVP_PKEY_is_a(key_.get(), "EC") == 1 && EVP_PKEY_get_bits(key_.get()) >= bits_of_p384 ? EVP_sha384()
                                                                                               : EVP_sha256();
}

engine::Bytes PrivateKey::sign(std::string_view message) const {
  const DigestContextHandle context(require(EVP_MD_CTX_new(), "sign"));
  std::size_t length = 0;
  require(EVP_DigestSignInit(context.get(), nullptr, digest(), nullptr, key_.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &length, octets(message), message.size()) == 1,
          "sign");
  engine::Bytes signature(length, '\0');
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                         octets(message), message.size()) == 1,
          "sign");
  signature.resize(length);
  return signature;
}

bool is_of_kind(EVP_PKEY* key, KeyKind kind) {
  const auto is = [&](const char* algorithm, int bits) {
    return key != nullptr && EVP_PKEY_is_a(key, algorithm) == 1 && EVP_PKEY_get_bits(key) == bits;
  };
  switch (kind) {
    case KeyKind::p256:
      return is("EC", 256);
    case KeyKind::p384:
      return is("EC", 384);
    case KeyKind::rsa2048:
      return is("RSA", 2048);
    case KeyKind::rsa3072:
      return is("RSA", 3072);
    case KeyKind::rsa4096:
      return is("RSA", 4096);
    case KeyKind::ed25519:
      return key != nullptr && EVP_PKEY_is_a(key, "ED25519") == 1;
  }
  std::unreachable();
}

engine::Sha256 sha256(std::string_view bytes) {
  engine::Sha256 hash{};
  unsigned int length = 0;
  require(EVP_Digest(bytes.data(), bytes.size(), hash.data(), &length, EVP_sha256(), nullptr) == 1 &&
              length == hash.size(),
          "hash");
  return hash;
}

std::string request_name(std::string_view name, std::string_view public_key) {
  const auto hash = sha256(public_key);
  const auto hex = engine::to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
  return std::string(name) + "-" + hex.substr(0, name_digits);
}

}  // namespace csrflow::agent
