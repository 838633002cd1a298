// A layer over SQLite's VFS that stops all output at the first failure. Without it SQLite goes on over pages
// that the kernel has dropped, checkpoints them, and loses what it acknowledged.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace csrflow::store {

/// Lives longer than every connection opened through it. Counters are thread-safe.
class GuardVfs {
 public:
  /// `below`: the VFS underneath, empty = SQLite's own. `on_failure` is called once, by the thread that met
  /// the failure, with a sentence; must not throw. Throws StoreError.
  GuardVfs(const std::string& below, std::function<void(const std::string&)> on_failure);
  GuardVfs(const GuardVfs&) = delete;
  GuardVfs& operator=(const GuardVfs&) = delete;
  ~GuardVfs();

  /// For open_connection.
  const std::string& name() const;
  /// A write (other than to a full disk), sync, truncation or directory sync has failed: nothing more is
  /// written, synced, truncated or deleted.
  bool poisoned() const;
  std::uint64_t syncs() const;
  std::uint64_t sync_microseconds() const;

  struct Layer;

 private:
  std::unique_ptr<Layer> layer_;
};

}  // namespace csrflow::store
