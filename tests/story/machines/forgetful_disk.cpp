// A disk that forgets, under programs as they are: loaded by LD_PRELOAD, it keeps beside what each fsync and
// fdatasync below $FORGETFUL_DISK has promised. power_loss.py makes of it what a machine may find after its
// power has failed, without a virtual machine.
//
//   $FORGETFUL_DISK_PROMISES/KEY         the bytes and the mode of a file when it was synced
//   $FORGETFUL_DISK_PROMISES/KEY.names   of a directory: KEY, d, f or l, name, target of the link; each ends
//                                        with a zero byte
//
// KEY is the inode's number and birth, since numbers are used again.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t copied_at_once = 1 << 20;  // bytes
constexpr mode_t permissions = 07777;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

/// What the caller of fsync relies on cannot be kept, so the test must not go on.
[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

struct Inode {
  std::string key;
  mode_t mode;
};

std::optional<Inode> inode_at(int folder, const char* name, int flags) {
  struct statx facts {};
  if (::statx(folder, name, flags, STATX_INO | STATX_BTIME | STATX_TYPE | STATX_MODE, &facts) != 0)
    return std::nullopt;
  if (!(facts.stx_mask & STATX_BTIME)) give_up("this file system does not tell when a file was born");
  return Inode{std::to_string(facts.stx_ino) + '-' + std::to_string(facts.stx_btime.tv_sec) + '-' +
                   std::to_string(facts.stx_btime.tv_nsec),
               facts.stx_mode};
}

std::string path_of(int descriptor) {
  char path[PATH_MAX];
  const auto link = "/proc/self/fd/" + std::to_string(descriptor);
  const auto length = ::readlink(link.c_str(), path, sizeof path);
  return length < 0 ? std::string() : std::string(path, static_cast<std::size_t>(length));
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

void write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) give_up("a promise cannot be kept");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string names_in(int descriptor) {
  std::string names;
  const std::unique_ptr<DIR, CloseDirectory> directory(
      ::fdopendir(::openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  if (!directory) give_up("a directory cannot be listed");
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const auto inode = inode_at(descriptor, entry->d_name, AT_SYMLINK_NOFOLLOW);
    if (!inode) continue;
    char target[PATH_MAX];
    const auto length = ::readlinkat(descriptor, entry->d_name, target, sizeof target);
    const char type = S_ISDIR(inode->mode) ? 'd' : S_ISLNK(inode->mode) ? 'l' : 'f';
    for (const std::string& part : {inode->key, std::string(1, type), name,
                                    std::string(target, length < 0 ? 0 : static_cast<std::size_t>(length))})
      names += part + '\0';
  }
  return names;
}

void copy_bytes(int from_descriptor, int to) {
  const auto itself = "/proc/self/fd/" + std::to_string(from_descriptor);
  const Descriptor from(::open(itself.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) give_up("a file cannot be read again");
  const auto buffer = std::make_unique<char[]>(copied_at_once);
  while (const auto read = ::read(from.get(), buffer.get(), copied_at_once)) {
    if (read < 0) give_up("a file cannot be read again");
    write_all(to, {buffer.get(), static_cast<std::size_t>(read)});
  }
}

void keep_promise(int descriptor) {
  const char* folder = std::getenv("FORGETFUL_DISK");
  const char* promises = std::getenv("FORGETFUL_DISK_PROMISES");
  if (!folder || !promises || !is_below(path_of(descriptor), folder)) return;
  const auto inode = inode_at(descriptor, "", AT_EMPTY_PATH);
  if (!inode) give_up("a synced file cannot be identified");
  const bool is_directory = S_ISDIR(inode->mode);
  // An older copy must not take the place of a newer one.
  static std::mutex one_at_a_time;
  const std::scoped_lock lock(one_at_a_time);
  const std::string kept = std::string(promises) + '/' + inode->key + (is_directory ? ".names" : "");
  const std::string beside = kept + ".new" + std::to_string(::getpid());
  const Descriptor to(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!to) give_up("a promise cannot be kept");
  if (is_directory)
    write_all(to.get(), names_in(descriptor));
  else
    copy_bytes(descriptor, to.get());
  if (::fchmod(to.get(), inode->mode & permissions) != 0 || ::rename(beside.c_str(), kept.c_str()) != 0)
    give_up("a promise cannot be kept");
}

int synced(const char* call, int descriptor) {
  using Call = int (*)(int);
  const auto real = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, call));
  if (!real) give_up(call);
  const int result = real(descriptor);
  if (result != 0) return result;
  const int before = errno;
  keep_promise(descriptor);
  errno = before;
  return result;
}

}  // namespace

extern "C" int fsync(int descriptor) {
  return synced("fsync", descriptor);
}

extern "C" int fdatasync(int descriptor) {
  return synced("fdatasync", descriptor);
}
