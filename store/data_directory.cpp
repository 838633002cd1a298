// DIR/lock holds the decimal process id of the server that has, or last had, the directory, and a newline.
// The lock itself is flock's: it goes with the process, whatever the file says.
#include "store/data_directory.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "store/error.hpp"

namespace csrflow::store {
namespace {

constexpr mode_t private_directory = 0700;
constexpr mode_t private_file = 0600;
// Not in every linux/magic.h.
constexpr unsigned long cifs_magic = 0xFF534D42UL;
constexpr unsigned long smb2_magic = 0xFE534D42UL;
constexpr unsigned long fuse_magic = 0x65735546UL;

StoreError failure(const std::string& what, const std::filesystem::path& path) {
  return StoreError(what + " " + path.string() + ": " + std::strerror(errno));
}

const char* unsafe_filesystem(const std::filesystem::path& path) {
  struct statfs facts {};
  if (::statfs(path.c_str(), &facts) != 0) throw failure("cannot examine the filesystem of", path);
  switch (static_cast<unsigned long>(facts.f_type)) {
    case NFS_SUPER_MAGIC:
      return "NFS";
    case SMB_SUPER_MAGIC:
    case cifs_magic:
    case smb2_magic:
      return "SMB";
    case V9FS_MAGIC:
      return "9p";
    case fuse_magic:
      return "FUSE";
    default:
      return nullptr;
  }
}

std::filesystem::path prepared(const std::filesystem::path& path, const DataDirectory::Options& options) {
  if (!std::filesystem::exists(path)) {
    if (!options.create) throw StoreError("there is no data directory " + path.string());
    if (::mkdir(path.c_str(), private_directory) != 0)
      throw failure("cannot create the data directory", path);
  }
  if (!std::filesystem::is_directory(path)) throw StoreError(path.string() + " is not a directory");
  if (::access(path.c_str(), W_OK) != 0) throw failure("cannot write to the data directory", path);
  if (const char* kind = unsafe_filesystem(path); kind != nullptr && !options.allow_unsafe_filesystem)
    throw StoreError(
        path.string() + " is on " + kind +
        ", where SQLite's write-ahead log is not safe: use a local disk, or --unsafe-filesystem to "
        "take the risk");
  return std::filesystem::canonical(path);
}

std::string owner_of(int lock) {
  std::array<char, 32> text{};
  const auto count = ::pread(lock, text.data(), text.size(), 0);
  std::string pid(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  pid.erase(pid.find_last_not_of('\n') + 1);
  return pid;
}

FileDescriptor locked(const std::filesystem::path& path) {
  FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, private_file));
  if (!lock) throw failure("cannot open the lock", path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw failure("cannot lock", path);
    const std::string pid = owner_of(lock.get());
    throw StoreError(path.parent_path().string() + " is in use by another csrflow" +
                     (pid.empty() ? "" : " (process " + pid + ")"));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock.get(), 0) != 0 ||
      ::pwrite(lock.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    if (errno != ENOSPC) throw failure("cannot write", path);  // the id is only for the message
  return lock;
}

void write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw failure("cannot write", path);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

DataFiles existing_data_files(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) throw StoreError("there is no data directory " + path.string());
  return {std::filesystem::canonical(path)};
}

DataDirectory::DataDirectory(const std::filesystem::path& path, Options options)
    : files_{prepared(path, options)}, lock_(locked(files_.lock())) {}

void sync_directory(const std::filesystem::path& path) {
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) throw failure("cannot sync the directory", path);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  auto beside = path;
  beside += ".new";
  ::unlink(beside.c_str());  // left by a crash
  try {
    const FileDescriptor file(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file) throw failure("cannot create", beside);
    if (::fchmod(file.get(), mode) != 0) throw failure("cannot set the mode of", beside);
    write_all(file.get(), bytes, beside);
    if (::fsync(file.get()) != 0) throw failure("cannot sync", beside);
    if (::rename(beside.c_str(), path.c_str()) != 0) throw failure("cannot rename to", path);
  } catch (const StoreError&) {
    ::unlink(beside.c_str());
    throw;
  }
  sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

}  // namespace csrflow::store
