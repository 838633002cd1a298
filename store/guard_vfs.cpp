#include "store/guard_vfs.hpp"

#include <array>
#include <chrono>
#include <cstring>

#include "store/error.hpp"
#include "store/vfs_layer.hpp"

namespace csrflow::store {

struct GuardVfs::Layer {
  sqlite3_vfs* below = nullptr;
  std::string name;
  std::function<void(const std::string&)> on_failure;
  std::atomic<bool> poisoned{false};
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::uint64_t> sync_microseconds{0};
  sqlite3_vfs vfs{};

  /// Passes the result on; poisons when it is a failure after which the files cannot be trusted.
  int judge(const char* what, int code) {
    if (code == SQLITE_OK || (code & 0xFF) == SQLITE_FULL) return code;
    if (!poisoned.exchange(true) && on_failure) {
      const int error = below->xGetLastError != nullptr ? below->xGetLastError(below, 0, nullptr) : 0;
      on_failure(std::string("the disk failed at a ") + what + " (SQLite " + std::to_string(code) +
                 (error != 0 ? std::string(", ") + std::strerror(error) : std::string()) + ")");
    }
    return code;
  }

  static const sqlite3_io_methods* methods(int version);
};

namespace {

using Layer = GuardVfs::Layer;
using File = LayeredFile<Layer>;
using M = sqlite3_io_methods;

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Layer& layer = *File::of(file)->layer;
  if (layer.poisoned) return SQLITE_IOERR_WRITE;
  return layer.judge("write", PassFile<Layer, &M::xWrite>::call(file, bytes, count, offset));
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  Layer& layer = *File::of(file)->layer;
  if (layer.poisoned) return SQLITE_IOERR_TRUNCATE;
  return layer.judge("truncation", PassFile<Layer, &M::xTruncate>::call(file, size));
}

int sync(sqlite3_file* file, int flags) {
  using Clock = std::chrono::steady_clock;
  Layer& layer = *File::of(file)->layer;
  if (layer.poisoned) return SQLITE_IOERR_FSYNC;
  const auto begin = Clock::now();
  const int code = layer.judge("sync", PassFile<Layer, &M::xSync>::call(file, flags));
  const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  ++layer.syncs;
  layer.sync_microseconds += static_cast<std::uint64_t>(taken.count());
  return code;
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  Layer& layer = *static_cast<Layer*>(vfs->pAppData);
  if (layer.poisoned) return SQLITE_IOERR_DELETE;
  const int code = layer.below->xDelete(layer.below, name, sync_directory);
  return code == SQLITE_IOERR_DIR_FSYNC ? layer.judge("directory sync", code) : code;
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  return open_layered(*static_cast<Layer*>(vfs->pAppData), name, file, flags, out_flags);
}

sqlite3_io_methods guarding(int version) {
  auto methods = passing_io_methods<Layer>(version);
  methods.xWrite = write;
  methods.xTruncate = truncate;
  methods.xSync = sync;
  return methods;
}

}  // namespace

const sqlite3_io_methods* GuardVfs::Layer::methods(int version) {
  static const std::array<sqlite3_io_methods, 3> all = {guarding(1), guarding(2), guarding(3)};
  return &all[static_cast<std::size_t>(version - 1)];
}

GuardVfs::GuardVfs(const std::string& below, std::function<void(const std::string&)> on_failure)
    : layer_(std::make_unique<Layer>()) {
  static std::atomic<unsigned> count{0};
  layer_->below = sqlite3_vfs_find(below.empty() ? nullptr : below.c_str());
  if (layer_->below == nullptr) throw StoreError("SQLite has no VFS called '" + below + "'");
  layer_->name = "csrflow-guard-" + std::to_string(++count);
  layer_->on_failure = std::move(on_failure);
  layer_->vfs = passing_vfs<Layer>(*layer_->below);
  layer_->vfs.zName = layer_->name.c_str();
  layer_->vfs.pAppData = layer_.get();
  layer_->vfs.xOpen = open;
  layer_->vfs.xDelete = remove;
  if (sqlite3_vfs_register(&layer_->vfs, 0) != SQLITE_OK)
    throw StoreError("SQLite takes no guard over its files");
}

GuardVfs::~GuardVfs() {
  sqlite3_vfs_unregister(&layer_->vfs);
}

const std::string& GuardVfs::name() const {
  return layer_->name;
}
bool GuardVfs::poisoned() const {
  return layer_->poisoned;
}
std::uint64_t GuardVfs::syncs() const {
  return layer_->syncs;
}
std::uint64_t GuardVfs::sync_microseconds() const {
  return layer_->sync_microseconds;
}

}  // namespace csrflow::store
