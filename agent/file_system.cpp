#include "agent/file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>
#include <utility>

namespace csrflow::agent {
namespace {

constexpr mode_t new_file_mode = 0600;
constexpr mode_t new_directory_mode = 0755;
constexpr mode_t permission_bits = 07777;

[[noreturn]] void fail(const std::string& doing, const std::filesystem::path& path) {
  const int number = errno;
  throw FileError("cannot " + doing + " " + path.string(), number);
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

FileFacts::Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return FileFacts::Kind::file;
  if (S_ISDIR(mode)) return FileFacts::Kind::directory;
  if (S_ISLNK(mode)) return FileFacts::Kind::symlink;
  return FileFacts::Kind::other;
}

class SystemFiles final : public FileSystem {
 public:
  void make_directories(const std::filesystem::path& path) override {
    std::filesystem::path made;
    for (const auto& part : path) {
      const auto parent = made.empty() ? std::filesystem::path(".") : made;
      made /= part;
      if (std::filesystem::is_directory(made)) continue;
      if (::mkdir(made.c_str(), new_directory_mode) != 0) fail("make the directory", made);
      sync(open_directory(parent));
    }
  }
  OpenFile open_directory(const std::filesystem::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("open the directory", path);
    return {*this, descriptor, path};
  }
  OpenFile open_directory_at(const OpenFile& directory, const std::string& name) override {
    return open_at(directory, name, O_RDONLY | O_DIRECTORY, "open the directory");
  }
  OpenFile create_file(const OpenFile& directory, const std::string& name) override {
    return open_at(directory, name, O_WRONLY | O_CREAT | O_EXCL, "create");
  }
  OpenFile open_file(const OpenFile& directory, const std::string& name) override {
    return open_at(directory, name, O_RDONLY | O_NONBLOCK, "open");
  }
  std::size_t write(const OpenFile& file, std::string_view bytes) override {
    ssize_t count = -1;
    do count = ::write(file.descriptor(), bytes.data(), bytes.size());
    while (count < 0 && errno == EINTR);
    if (count < 0) fail("write", file.path());
    return static_cast<std::size_t>(count);
  }
  std::size_t read(const OpenFile& file, char* buffer, std::size_t most) override {
    ssize_t count = -1;
    do count = ::read(file.descriptor(), buffer, most);
    while (count < 0 && errno == EINTR);
    if (count < 0) fail("read", file.path());
    return static_cast<std::size_t>(count);
  }
  void sync(const OpenFile& file) override {
    if (::fsync(file.descriptor()) != 0) fail("sync", file.path());
  }
  void change_owner(const OpenFile& file, std::optional<uid_t> owner, std::optional<gid_t> group) override {
    constexpr auto same_owner = static_cast<uid_t>(-1);
    constexpr auto same_group = static_cast<gid_t>(-1);
    if (::fchown(file.descriptor(), owner.value_or(same_owner), group.value_or(same_group)) != 0)
      fail("change the owner of", file.path());
  }
  void change_mode(const OpenFile& file, mode_t mode) override {
    if (::fchmod(file.descriptor(), mode) != 0) fail("change the mode of", file.path());
  }
  bool try_lock(const OpenFile& file) override {
    if (::flock(file.descriptor(), LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK) fail("lock", file.path());
    return false;
  }

  void make_directory(const OpenFile& directory, const std::string& name, mode_t mode) override {
    if (::mkdirat(directory.descriptor(), name.c_str(), mode) != 0)
      fail("make the directory", directory.path() / name);
  }
  void make_symlink(const std::string& target, const OpenFile& directory, const std::string& name) override {
    if (::symlinkat(target.c_str(), directory.descriptor(), name.c_str()) != 0)
      fail("make the symlink", directory.path() / name);
  }
  void rename(const OpenFile& directory, const std::string& from, const std::string& to) override {
    if (::renameat(directory.descriptor(), from.c_str(), directory.descriptor(), to.c_str()) != 0)
      fail("rename " + from + " to", directory.path() / to);
  }
  void remove_file(const OpenFile& directory, const std::string& name) override {
    if (::unlinkat(directory.descriptor(), name.c_str(), 0) != 0) fail("remove", directory.path() / name);
  }
  void remove_directory(const OpenFile& directory, const std::string& name) override {
    if (::unlinkat(directory.descriptor(), name.c_str(), AT_REMOVEDIR) != 0)
      fail("remove the directory", directory.path() / name);
  }
  std::string read_symlink(const OpenFile& directory, const std::string& name) override {
    std::array<char, PATH_MAX> target{};
    const auto count = ::readlinkat(directory.descriptor(), name.c_str(), target.data(), target.size());
    if (count < 0) fail("read the symlink", directory.path() / name);
    return {target.data(), static_cast<std::size_t>(count)};
  }
  std::optional<FileFacts> facts(const OpenFile& directory, const std::string& name) override {
    struct stat found {};
    if (::fstatat(directory.descriptor(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return std::nullopt;
      fail("look at", directory.path() / name);
    }
    return FileFacts{kind_of(found.st_mode), found.st_mode & permission_bits, found.st_uid, found.st_gid};
  }
  std::vector<std::string> names(const OpenFile& directory) override {
    // A descriptor of its own: the stream takes it, and its position.
    const int descriptor = ::openat(directory.descriptor(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("list", directory.path());
    const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(descriptor));
    if (!stream) {
      ::close(descriptor);
      fail("list", directory.path());
    }
    std::vector<std::string> found;
    errno = 0;
    while (const dirent* entry = ::readdir(stream.get()))
      if (const std::string_view name = entry->d_name; name != "." && name != "..") found.emplace_back(name);
    if (errno != 0) fail("list", directory.path());
    std::ranges::sort(found);
    return found;
  }

 private:
  OpenFile open_at(const OpenFile& directory, const std::string& name, int flags, const char* doing) {
    const auto path = directory.path() / name;
    const int descriptor =
        ::openat(directory.descriptor(), name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, new_file_mode);
    if (descriptor < 0) fail(doing, path);
    return {*this, descriptor, path};
  }
  void close(int descriptor) noexcept override { ::close(descriptor); }
};

}  // namespace

FileError::FileError(const std::string& doing, int error_number)
    : std::runtime_error(doing + ": " + std::strerror(error_number)), number(error_number) {}

OpenFile::OpenFile(OpenFile&& other) noexcept
    : system_(other.system_),
      descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)) {}
OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(system_, other.system_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}
OpenFile::~OpenFile() {
  if (descriptor_ >= 0) system_->close(descriptor_);
}

FileSystem& system_files() {
  static SystemFiles files;
  return files;
}

}  // namespace csrflow::agent
