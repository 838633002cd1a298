// The directory that a server owns: where its files are, and the lock that keeps a second server out.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "store/file_descriptor.hpp"

namespace csrflow::store {

/// The names of the store's files in DIR. Any thread.
struct DataFiles {
  std::filesystem::path directory;

  std::filesystem::path events() const { return directory / "events.db"; }
  std::filesystem::path views() const { return directory / "views.db"; }
  std::filesystem::path lock() const { return directory / "lock"; }
  /// Space set aside, so that a full disk can still be closed cleanly.
  std::filesystem::path reserve() const { return directory / "reserve"; }
  /// Exists while events.db is open for writing: found at the next start, the last end was not clean.
  std::filesystem::path events_open_mark() const { return directory / "events.open"; }
};

/// DIR for programs that only read. Throws StoreError when it is not there.
DataFiles existing_data_files(const std::filesystem::path&);

/// Holds the lock while it lives.
class DataDirectory {
 public:
  struct Options {
    bool create = true;                    ///< make DIR (mode 0700) when it is not there
    bool allow_unsafe_filesystem = false;  ///< NFS, SMB, 9p and FUSE share no memory: SQLite corrupts there
  };
  /// Throws StoreError: in use (with the other's process id when known), not there, read-only, unsafe
  /// filesystem.
  DataDirectory(const std::filesystem::path&, Options);
  explicit DataDirectory(const std::filesystem::path& path) : DataDirectory(path, Options()) {}

  const DataFiles& files() const { return files_; }

 private:
  DataFiles files_;
  FileDescriptor lock_;
};

/// Writes the file all or nothing and durably: beside it, synced, renamed over it, directory synced. A reader
/// sees the old file or the new one. Throws StoreError.
void write_file_atomically(const std::filesystem::path&, std::string_view bytes, mode_t mode = 0600);
/// Makes what was created, renamed or removed in the directory durable. Throws StoreError.
void sync_directory(const std::filesystem::path&);

}  // namespace csrflow::store
