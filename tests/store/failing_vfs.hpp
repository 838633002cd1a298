// A VFS that fails the n-th thing that changes a file.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>

namespace csrflow::store::test {

class FailingVfs {
 public:
  FailingVfs();
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;
  ~FailingVfs();

  const std::string& name() const;
  /// The n-th write, sync, truncation or deletion from now on fails: half of a write is done, nothing of the
  /// others. Those after it work again. 0 = none. A full disk fails writes only.
  void fail(std::uint64_t nth, bool disk_full = false);
  bool has_failed() const;
  /// What reached the files after the failure.
  std::uint64_t changes_since_failure() const;

  struct Layer;

 private:
  std::unique_ptr<Layer> layer_;
};

}  // namespace csrflow::store::test
