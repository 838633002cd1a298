#include "signer/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace csrflow::signer {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why) {
  throw KeyFileError(path.string() + ": " + why);
}
[[noreturn]] void fail_errno(const std::filesystem::path& path, const std::string& doing) {
  fail(path, doing + ": " + std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

void check_access(const std::filesystem::path& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail_errno(path, "cannot be examined");
  if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
  if (status.st_uid != ::geteuid()) fail(path, "belongs to another user than the one that runs this program");
  constexpr unsigned others = S_IRWXG | S_IRWXO;
  if ((status.st_mode & others) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", status.st_mode & 07777U);
    fail(path, std::string("can be reached by others than its owner (mode ") + mode.data() +
                   "); run: chmod 600 " + path.string());
  }
}

void write_all(const std::filesystem::path& path, int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_errno(path, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) fail_errno(path, "cannot be written");
}

void sync_directory(const std::filesystem::path& path) {
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) fail_errno(directory, "cannot be synchronised");
}

}  // namespace

Secret read_private_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail_errno(path, "cannot be read");
  check_access(path, file.get());
  std::string bytes(max_private_file + 1, '\0');
  std::size_t length = 0;
  while (length < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_errno(path, "cannot be read");
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  const Secret whole(std::move(bytes));
  if (length > max_private_file) fail(path, "is too long for a key");
  return Secret(std::string(whole.view().substr(0, length)));
}

void write_private_file(const std::filesystem::path& path, std::string_view bytes) {
  auto temporary = path;
  temporary += ".new-" + std::to_string(::getpid());
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.get() < 0) fail_errno(temporary, "cannot be made");
    write_all(temporary, file.get(), bytes);
  }
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    const int why = errno;
    ::unlink(temporary.c_str());
    errno = why;
    if (why == EEXIST) fail(path, "exists; a key is never overwritten");
    fail_errno(path, "cannot be made");
  }
  sync_directory(path);
}

}  // namespace csrflow::signer
