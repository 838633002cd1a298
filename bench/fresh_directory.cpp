#include "bench/fresh_directory.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace csrflow::bench {

FreshDirectory::FreshDirectory(const std::filesystem::path& parent) {
  std::filesystem::create_directories(parent);
  struct statfs filesystem {};
  if (::statfs(parent.c_str(), &filesystem) != 0)
    throw std::system_error(errno, std::generic_category(), parent.string());
  if (filesystem.f_type == TMPFS_MAGIC || filesystem.f_type == RAMFS_MAGIC)
    throw std::runtime_error(parent.string() + " is in memory: name a directory on a disk with --data");
  std::string made = parent / "bench-XXXXXX";
  if (::mkdtemp(made.data()) == nullptr) throw std::system_error(errno, std::generic_category(), made);
  path_ = std::move(made);
}

FreshDirectory::~FreshDirectory() {
  std::error_code ignored;  // what stays is a directory of a benchmark
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace csrflow::bench
