// A directory that was not there before and is not there afterwards.
#pragma once

#include <filesystem>

namespace csrflow::bench {

class FreshDirectory {
 public:
  /// Inside `parent`, which is made when it is missing. Throws std::runtime_error when it is in memory
  /// (tmpfs, ramfs): a sync would cost nothing there.
  explicit FreshDirectory(const std::filesystem::path& parent);
  FreshDirectory(const FreshDirectory&) = delete;
  FreshDirectory& operator=(const FreshDirectory&) = delete;
  ~FreshDirectory();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace csrflow::bench
