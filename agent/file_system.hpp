// The system calls that the agent's files are made with. Tests replace them to fail one, or to end the world
// after it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace csrflow::agent {

/// A call failed: `cannot create /var/lib/csrflow-agent/web-1/pending: Read-only file system`.
struct FileError : std::runtime_error {
  FileError(const std::string& doing, int error_number);
  int number;  ///< errno
};

class FileSystem;

/// An open file or directory; closes itself. The file system outlives it.
class OpenFile {
 public:
  OpenFile(FileSystem& system, int descriptor, std::filesystem::path path)
      : system_(&system), descriptor_(descriptor), path_(std::move(path)) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  int descriptor() const { return descriptor_; }
  /// How it was opened; for messages.
  const std::filesystem::path& path() const { return path_; }

 private:
  FileSystem* system_;
  int descriptor_;
  std::filesystem::path path_;
};

struct FileFacts {
  enum class Kind { file, directory, symlink, other };
  Kind kind;
  mode_t mode;  ///< the permission bits
  uid_t owner;
  gid_t group;
};

/// Names are single components within an open directory, and symlinks are not followed, except by
/// open_directory. Every call throws FileError, and but for
/// make_directories is one system call.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Makes what is missing of the path (mode 0755, less the umask), durably.
  virtual void make_directories(const std::filesystem::path&) = 0;
  virtual OpenFile open_directory(const std::filesystem::path&) = 0;
  virtual OpenFile open_directory_at(const OpenFile& directory, const std::string& name) = 0;
  /// A new file of mode 0600 for writing (O_CREAT, O_EXCL, O_NOFOLLOW).
  virtual OpenFile create_file(const OpenFile& directory, const std::string& name) = 0;
  virtual OpenFile open_file(const OpenFile& directory, const std::string& name) = 0;
  /// How many bytes were taken.
  virtual std::size_t write(const OpenFile&, std::string_view bytes) = 0;
  /// At most `most` bytes into the buffer; 0 at the end.
  virtual std::size_t read(const OpenFile&, char* buffer, std::size_t most) = 0;
  virtual void sync(const OpenFile&) = 0;
  virtual void change_owner(const OpenFile&, std::optional<uid_t>, std::optional<gid_t>) = 0;
  virtual void change_mode(const OpenFile&, mode_t) = 0;
  /// An advisory lock (flock) that goes with the open file; false when another process holds it.
  virtual bool try_lock(const OpenFile&) = 0;

  virtual void make_directory(const OpenFile& directory, const std::string& name, mode_t) = 0;
  virtual void make_symlink(const std::string& target, const OpenFile& directory,
                            const std::string& name) = 0;
  /// Within one directory, over a file or symlink that is there.
  virtual void rename(const OpenFile& directory, const std::string& from, const std::string& to) = 0;
  virtual void remove_file(const OpenFile& directory, const std::string& name) = 0;
  virtual void remove_directory(const OpenFile& directory, const std::string& name) = 0;
  virtual std::string read_symlink(const OpenFile& directory, const std::string& name) = 0;
  /// Nothing when there is no such name.
  virtual std::optional<FileFacts> facts(const OpenFile& directory, const std::string& name) = 0;
  /// Without `.` and `..`, sorted.
  virtual std::vector<std::string> names(const OpenFile& directory) = 0;

 private:
  friend class OpenFile;
  virtual void close(int descriptor) noexcept = 0;
};

/// The operating system's.
FileSystem& system_files();

}  // namespace csrflow::agent
