// The event log on SQLite: DIR/events.db, the only thing to back up besides keys.
#pragma once

#include <functional>
#include <memory>

#include "engine/ports.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

/// append() and idle() belong to one thread at a time; reader() to any.
class SqliteEventLog final : public engine::EventLog {
 public:
  struct Options {
    /// Called once, from within append(), when the disk has failed; must not throw.
    std::function<void(const std::string&)> on_disk_failure;
    /// Set aside for closing on a full disk: twice the write-ahead log that a checkpoint may have to copy
    /// back (16 MB), whatever else then grabs space.
    std::uint64_t reserve_bytes = 32ULL * 1024 * 1024;
    /// SQLite's VFS under the guard; empty = its own.
    std::string vfs;
  };

  /// Opens the log, or makes an empty one. Checks it first when the last close was not clean. Throws
  /// StoreError: the file is foreign, damaged, newer than this program, or cannot be opened.
  SqliteEventLog(const DataDirectory&, Options);
  explicit SqliteEventLog(const DataDirectory& directory) : SqliteEventLog(directory, Options()) {}
  /// Closes cleanly unless that has been done or cannot be.
  ~SqliteEventLog() override;

  std::expected<void, engine::AppendConflict> append(engine::Position expected_head,
                                                     std::span<const engine::NewEvent>) override;
  std::unique_ptr<engine::EventReader> reader() const override;
  void idle() override;

  /// Copies the write-ahead log back and closes; readers should be gone. After a disk failure nothing more is
  /// written. Throws engine::LogFailure; the log is then whole all the same, and checked at the next start.
  void close();

  /// Was the last close before this opening unclean?
  bool found_unclean() const;
  std::uint64_t syncs() const;

  /// For programs that read beside a running server, or with none running. Throws StoreError.
  static std::unique_ptr<engine::EventReader> open_reader(const std::filesystem::path& directory);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> own_;
};

}  // namespace csrflow::store
