#include "signer/keys.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstring>

#include "signer/asn1.hpp"
#include "signer/pem.hpp"

namespace csrflow::signer {
namespace {

// 16 MiB of memory and five passes: about a tenth of a second.
constexpr std::uint64_t scrypt_n = 16'384, scrypt_r = 8, scrypt_p = 5;
constexpr int salt_length = 16;
constexpr char ed25519_type = 0x01;

using Pkcs8Ptr = Handle<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using EncryptedPtr = Handle<X509_SIG, X509_SIG_free>;
using AlgorithmPtr = Handle<X509_ALGOR, X509_ALGOR_free>;

/// A memory BIO whose buffer is overwritten when it goes.
BioPtr secret_bio() {
  return BioPtr(require(BIO_new(BIO_s_secmem()), "make a buffer"));
}

Secret contents(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return Secret(std::string(data, static_cast<std::size_t>(length)));
}

Secret plain_pem(PKCS8_PRIV_KEY_INFO* key) {
  const BioPtr bio = secret_bio();
  require(PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.get(), key) == 1, "write a key");
  return contents(bio.get());
}

Secret encrypted_pem(PKCS8_PRIV_KEY_INFO* key, std::string_view passphrase) {
  AlgorithmPtr scheme(require(
      PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, salt_length, nullptr, scrypt_n, scrypt_r, scrypt_p),
      "prepare the encryption of a key"));
  const EncryptedPtr encrypted(
      require(PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), key, scheme.get()),
              "encrypt a key"));
  static_cast<void>(scheme.release());  // it belongs to `encrypted` now
  const BioPtr bio = secret_bio();
  require(PEM_write_bio_PKCS8(bio.get(), encrypted.get()) == 1, "write a key");
  return contents(bio.get());
}

struct PassphraseRequest {
  std::string_view passphrase;
  bool asked = false;
};
/// OpenSSL's own callback would ask the terminal.
int give_passphrase(char* buffer, int size, int, void* data) {
  auto& request = *static_cast<PassphraseRequest*>(data);
  request.asked = true;
  if (request.passphrase.empty() || request.passphrase.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, request.passphrase.data(), request.passphrase.size());
  return static_cast<int>(request.passphrase.size());
}

void check_log_name(std::string_view name) {
  const auto forbidden = [](unsigned char c) { return c <= 0x20 || c == 0x7f || c == '+'; };
  if (name.empty() || std::ranges::any_of(name, forbidden))
    throw std::invalid_argument("a log's name must not be empty nor hold blanks or '+'");
}

engine::Bytes typed(std::string_view public_key) {
  return ed25519_type + engine::Bytes(public_key);
}

}  // namespace

KeyPtr generate_p256() {
  return KeyPtr(require(EVP_EC_gen("P-256"), "make a key"));
}
KeyPtr generate_ed25519() {
  return KeyPtr(require(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), "make a key"));
}

Secret read_passphrase(const std::filesystem::path& path) {
  const Secret whole = read_private_file(path);
  auto text = whole.view();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) throw KeyFileError(path.string() + ": the passphrase is empty");
  return Secret(std::string(text));
}

void save_private_key(const std::filesystem::path& path, const EVP_PKEY& key, const Secret& passphrase) {
  const Pkcs8Ptr info(require(EVP_PKEY2PKCS8(&key), "write a key"));
  const Secret pem =
      passphrase.empty() ? plain_pem(info.get()) : encrypted_pem(info.get(), passphrase.view());
  write_private_file(path, pem.view());
}

KeyPtr load_private_key(const std::filesystem::path& path, const Secret& passphrase) {
  const Secret pem = read_private_file(path);
  const BioPtr bio(
      require(BIO_new_mem_buf(pem.view().data(), static_cast<int>(pem.view().size())), "read a key"));
  PassphraseRequest request{passphrase.view()};
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &request));
  ERR_clear_error();
  const auto refuse = [&](const char* why) -> KeyPtr { throw KeyFileError(path.string() + ": " + why); };
  if (!key && request.asked && passphrase.empty()) return refuse("is encrypted; name its passphrase file");
  if (!key && request.asked)
    return refuse("cannot be decrypted: the passphrase is wrong or the file is damaged");
  if (!key) return refuse("holds no private key in PEM");
  if (!request.asked && !passphrase.empty()) return refuse("is not encrypted, but a passphrase is given");
  return key;
}

engine::Bytes ed25519_public(const EVP_PKEY& key) {
  engine::Bytes bytes(32, '\0');
  std::size_t length = bytes.size();
  require(EVP_PKEY_is_a(&key, "ED25519") == 1 &&
              EVP_PKEY_get_raw_public_key(&key, octets(bytes), &length) == 1 && length == bytes.size(),
          "read an Ed25519 key");
  return bytes;
}

engine::Bytes ed25519_sign(const EVP_PKEY& key, std::string_view message) {
  const DigestContextPtr context(require(EVP_MD_CTX_new(), "sign"));
  engine::Bytes signature(64, '\0');
  std::size_t length = signature.size();
  require(
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, const_cast<EVP_PKEY*>(&key)) == 1 &&
          EVP_DigestSign(context.get(), octets(signature), &length, octets(message), message.size()) == 1 &&
          length == signature.size(),
      "sign");
  return signature;
}

engine::Bytes log_key_id(std::string_view name, std::string_view public_key) {
  check_log_name(name);
  return sha256(std::string(name) + "\n" + typed(public_key)).substr(0, 4);
}

std::string log_verifier_key(std::string_view name, std::string_view public_key) {
  return std::string(name) + "+" + engine::to_hex(log_key_id(name, public_key)) + "+" +
         base64(typed(public_key));
}

void forbid_memory_dumps() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    throw std::runtime_error("core dumps cannot be forbidden: " + std::string(std::strerror(errno)));
}

}  // namespace csrflow::signer
