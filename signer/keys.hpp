// Private keys: made, kept in files, read again.
#pragma once

#include <filesystem>

#include "signer/openssl.hpp"
#include "signer/private_file.hpp"

namespace csrflow::signer {

KeyPtr generate_p256();
/// The key that signs the log's checkpoints; not the CA's.
KeyPtr generate_ed25519();

/// A passphrase from a file under the same rules as a key; one line end at its end is not part of it.
/// Throws KeyFileError.
Secret read_passphrase(const std::filesystem::path&);

/// PKCS#8 PEM, mode 0600, all or nothing, never over an existing file. With a passphrase: PBES2 with scrypt
/// and AES-256-CBC (RFC 8018, 7914). Throws KeyFileError.
void save_private_key(const std::filesystem::path&, const EVP_PKEY&, const Secret& passphrase = {});

/// Never asks a terminal. Throws KeyFileError with a sentence for the operator: wrong mode or owner,
/// passphrase missing, not needed or wrong, not a key.
KeyPtr load_private_key(const std::filesystem::path&, const Secret& passphrase = {});

/// 32 bytes. Throws OpenSslError when the key is not Ed25519.
engine::Bytes ed25519_public(const EVP_PKEY&);
/// 64 bytes over the message. Thread-safe.
engine::Bytes ed25519_sign(const EVP_PKEY&, std::string_view message);

/// C2SP signed-note verifier key: `<name>+<8 hex>+<base64(0x01 ‖ public key)>`, the hex being the first 4
/// bytes of SHA-256(name ‖ "\n" ‖ 0x01 ‖ public key). Throws std::invalid_argument for a name that C2SP does
/// not allow.
std::string log_verifier_key(std::string_view name, std::string_view ed25519_public);
/// These 4 bytes.
engine::Bytes log_key_id(std::string_view name, std::string_view ed25519_public);

/// No core dumps and no other process of this user looking into this one's memory. Call once at the start.
void forbid_memory_dumps();

}  // namespace csrflow::signer
