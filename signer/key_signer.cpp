#include "signer/key_signer.hpp"

#include <openssl/rsa.h>

#include "signer/asn1.hpp"
#include "signer/authority.hpp"

namespace csrflow::signer {
namespace {

SignatureAlgorithm algorithm_or_throw(const EVP_PKEY* key) {
  if (key == nullptr) throw std::invalid_argument("there is no key");
  const auto algorithm = algorithm_for(*key);
  if (!algorithm) throw std::invalid_argument(algorithm.error());
  return *algorithm;
}

void use_pkcs1(EVP_PKEY_CTX* context, const char* digest) {
  require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context, fetched_digest(digest)) == 1,
          "prepare an RSA signature");
}

}  // namespace

KeySigner::KeySigner(KeyPtr key, std::string ski)
    : key_(std::move(key)),
      ski_(std::move(ski)),
      algorithm_(algorithm_or_throw(key_.get())),
      identifier_(algorithm_identifier(algorithm_)) {}

std::expected<engine::Bytes, std::string> KeySigner::sign(const std::string& issuer_ski,
                                                          const engine::Bytes& tbs) {
  if (issuer_ski != ski_)
    return std::unexpected("the key of the CA " + issuer_ski + " is not here; this is " + ski_);
  // The key signs certificates and nothing else.
  const auto read = asn1::decode<asn1::Tbs>(tbs);
  if (!read || asn1::encode(*read) != tbs) return std::unexpected("these bytes are not a TBSCertificate");
  if (asn1::der_of<const X509_ALGOR*>(i2d_X509_ALGOR, read->signature) != identifier_)
    return std::unexpected("the TBSCertificate names another signature algorithm than the key's");
  Contexts contexts = borrow();
  auto signature = contexts.sign ? sign_digest(contexts, tbs) : sign_message(contexts, tbs);
  if (!signature) return std::unexpected(std::move(signature.error()));
  give_back(std::move(contexts));
  return assemble_certificate(tbs, algorithm_, *signature);
}

std::expected<engine::Bytes, std::string> KeySigner::sign_digest(Contexts& contexts,
                                                                 std::string_view tbs) const {
  const engine::Bytes hash = digest(fetched_digest(digest_name(algorithm_)), tbs);
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  engine::Bytes signature(length, '\0');
  if (EVP_PKEY_sign(contexts.sign.get(), octets(signature), &length, octets(std::string_view(hash)),
                    hash.size()) != 1)
    return std::unexpected("the CA's key could not sign: " + drain_errors());
  signature.resize(length);
  if (EVP_PKEY_verify(contexts.verify.get(), octets(std::string_view(signature)), signature.size(),
                      octets(std::string_view(hash)), hash.size()) != 1)
    return std::unexpected("the CA's signature does not verify: " + drain_errors());
  return signature;
}

std::expected<engine::Bytes, std::string> KeySigner::sign_message(Contexts& contexts,
                                                                  std::string_view tbs) const {
  EVP_MD_CTX* context = contexts.message.get();
  std::size_t length = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  engine::Bytes signature(length, '\0');
  if (EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context, octets(signature), &length, octets(tbs), tbs.size()) != 1)
    return std::unexpected("the CA's key could not sign: " + drain_errors());
  signature.resize(length);
  if (EVP_MD_CTX_reset(context) != 1 ||
      EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestVerify(context, octets(std::string_view(signature)), length, octets(tbs), tbs.size()) != 1)
    return std::unexpected("the CA's signature does not verify: " + drain_errors());
  require(EVP_MD_CTX_reset(context) == 1, "reset a context");
  return signature;
}

KeySigner::Contexts KeySigner::make_contexts() const {
  Contexts contexts;
  const char* digest = digest_name(algorithm_);
  if (digest == nullptr) {
    contexts.message.reset(require(EVP_MD_CTX_new(), "prepare a signature"));
    return contexts;
  }
  contexts.sign.reset(
      require(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr), "prepare a signature"));
  contexts.verify.reset(
      require(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr), "prepare a signature"));
  require(EVP_PKEY_sign_init(contexts.sign.get()) == 1 && EVP_PKEY_verify_init(contexts.verify.get()) == 1,
          "prepare a signature");
  if (algorithm_ == SignatureAlgorithm::rsa_sha256) {
    use_pkcs1(contexts.sign.get(), digest);
    use_pkcs1(contexts.verify.get(), digest);
  }
  return contexts;
}

KeySigner::Contexts KeySigner::borrow() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      Contexts contexts = std::move(idle_.back());
      idle_.pop_back();
      return contexts;
    }
  }
  return make_contexts();
}

void KeySigner::give_back(Contexts contexts) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(contexts));
}

}  // namespace csrflow::signer
