// Files that only their owner may see.
#pragma once

#include <filesystem>
#include <stdexcept>

#include "signer/secret.hpp"

namespace csrflow::signer {

/// A key or passphrase file cannot be used; the text says what to do.
struct KeyFileError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

constexpr std::size_t max_private_file = 64 * 1024;

/// The whole file. Throws KeyFileError when group or others can reach it, or it belongs to another user.
Secret read_private_file(const std::filesystem::path&);

/// Makes the file with mode 0600, all or nothing, durable when it returns. Throws KeyFileError, also when it
/// exists: a key is never overwritten.
void write_private_file(const std::filesystem::path&, std::string_view bytes);

}  // namespace csrflow::signer
