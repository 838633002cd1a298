#include "tests/store/failing_vfs.hpp"

#include <array>
#include <atomic>

#include "store/vfs_layer.hpp"

namespace csrflow::store::test {

struct FailingVfs::Layer {
  sqlite3_vfs* below = nullptr;
  std::string name;
  sqlite3_vfs vfs{};
  std::uint64_t until_failure = 0;
  bool disk_full = false;
  bool failed = false;
  std::uint64_t since_failure = 0;

  bool fails_now(bool is_write) {
    if (disk_full && !is_write) return false;
    if (failed) ++since_failure;
    if (until_failure == 0 || --until_failure != 0) return false;
    failed = true;
    return true;
  }
  static const sqlite3_io_methods* methods(int version);
};

namespace {

using Layer = FailingVfs::Layer;
using M = sqlite3_io_methods;

Layer& layer_of(sqlite3_file* file) {
  return *LayeredFile<Layer>::of(file)->layer;
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  Layer& layer = layer_of(file);
  if (!layer.fails_now(true)) return PassFile<Layer, &M::xWrite>::call(file, bytes, count, offset);
  PassFile<Layer, &M::xWrite>::call(file, bytes, count / 2, offset);
  return layer.disk_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return layer_of(file).fails_now(false) ? SQLITE_IOERR_TRUNCATE
                                         : PassFile<Layer, &M::xTruncate>::call(file, size);
}

int sync(sqlite3_file* file, int flags) {
  return layer_of(file).fails_now(false) ? SQLITE_IOERR_FSYNC : PassFile<Layer, &M::xSync>::call(file, flags);
}

int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  Layer& layer = *static_cast<Layer*>(vfs->pAppData);
  return layer.fails_now(false) ? SQLITE_IOERR_DIR_FSYNC
                                : layer.below->xDelete(layer.below, name, sync_directory);
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  return open_layered(*static_cast<Layer*>(vfs->pAppData), name, file, flags, out_flags);
}

sqlite3_io_methods failing(int version) {
  auto methods = passing_io_methods<Layer>(version);
  methods.xWrite = write;
  methods.xTruncate = truncate;
  methods.xSync = sync;
  return methods;
}

}  // namespace

const sqlite3_io_methods* FailingVfs::Layer::methods(int version) {
  static const std::array<sqlite3_io_methods, 3> all = {failing(1), failing(2), failing(3)};
  return &all[static_cast<std::size_t>(version - 1)];
}

FailingVfs::FailingVfs() : layer_(std::make_unique<Layer>()) {
  static std::atomic<unsigned> count{0};
  layer_->below = sqlite3_vfs_find(nullptr);
  layer_->name = "failing-" + std::to_string(++count);
  layer_->vfs = passing_vfs<Layer>(*layer_->below);
  layer_->vfs.zName = layer_->name.c_str();
  layer_->vfs.pAppData = layer_.get();
  layer_->vfs.xOpen = open;
  layer_->vfs.xDelete = remove;
  sqlite3_vfs_register(&layer_->vfs, 0);
}

FailingVfs::~FailingVfs() {
  sqlite3_vfs_unregister(&layer_->vfs);
}

const std::string& FailingVfs::name() const {
  return layer_->name;
}
void FailingVfs::fail(std::uint64_t nth, bool disk_full) {
  layer_->until_failure = nth;
  layer_->disk_full = disk_full;
  layer_->failed = false;
  layer_->since_failure = 0;
}
bool FailingVfs::has_failed() const {
  return layer_->failed;
}
std::uint64_t FailingVfs::changes_since_failure() const {
  return layer_->since_failure;
}

}  // namespace csrflow::store::test
