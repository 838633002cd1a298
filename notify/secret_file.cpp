#include "notify/secret_file.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "notify/descriptor.hpp"

namespace csrflow::notify {
namespace {

using Unreadable = std::unexpected<std::string>;

Unreadable failed(const std::string& path, const std::string& why) {
  return Unreadable("the secret file " + path + " " + why);
}
Unreadable failed_errno(const std::string& path) {
  return failed(path, "cannot be read: " + std::generic_category().message(errno));
}

std::expected<void, std::string> check_access(const std::string& path, int file) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return failed_errno(path);
  if (!S_ISREG(status.st_mode)) return failed(path, "is not a regular file");
  if ((status.st_mode & S_IRWXO) == 0) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
  return failed(path,
                std::string("can be reached by everybody (mode ") + mode.data() + "); run: chmod o= " + path);
}

}  // namespace

Secret::~Secret() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

void Secret::keep_first_line() {
  const auto end = std::min(view().find_first_of("\r\n"), view().size());
  OPENSSL_cleanse(bytes_.data() + end, bytes_.size() - end);
  bytes_.resize(end + 1);
}

std::expected<Secret, std::string> read_secret(const std::string& path) {
  // A FIFO must not hold up the thread that opens it.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return failed_errno(path);
  if (const auto good = check_access(path, file.get()); !good) return std::unexpected(good.error());

  std::vector<char> bytes;
  bytes.reserve(max_secret_bytes + 2);  // never moved, so that nothing is left behind
  bytes.resize(max_secret_bytes + 1);
  std::size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed_errno(path);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > max_secret_bytes) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return failed(path, "is longer than " + std::to_string(max_secret_bytes) + " bytes");
  }
  if (length > 0 && bytes[length - 1] == '\n') --length;
  if (length > 0 && bytes[length - 1] == '\r') --length;
  if (length == 0) return failed(path, "is empty");
  bytes.resize(length);
  Secret secret(std::move(bytes));
  if (secret.view().find('\0') != std::string_view::npos) return failed(path, "has a NUL byte in it");
  return secret;
}

}  // namespace csrflow::notify
