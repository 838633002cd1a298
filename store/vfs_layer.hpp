// What every layer over another SQLite VFS (sqlite.org/vfs.html) needs: a file that carries the file below
// it, and functions that pass each call down.
#pragma once

#include <sqlite3.h>

namespace csrflow::store {

/// SQLite allocates it with room for the file of the VFS below right behind.
template <typename Layer>
struct LayeredFile {
  sqlite3_file base;
  Layer* layer;

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  static LayeredFile* of(sqlite3_file* file) { return reinterpret_cast<LayeredFile*>(file); }
};

/// Passes a method of sqlite3_io_methods to the file below.
template <typename Layer, auto Method>
struct PassFile;
template <typename Layer, typename Result, typename... Arguments,
          Result (*sqlite3_io_methods::*Method)(sqlite3_file*, Arguments...)>
struct PassFile<Layer, Method> {
  static Result call(sqlite3_file* file, Arguments... arguments) {
    sqlite3_file* below = LayeredFile<Layer>::of(file)->below();
    return (below->pMethods->*Method)(below, arguments...);
  }
};

/// Passes a method of sqlite3_vfs to the VFS below. `Layer` has `sqlite3_vfs* below`.
template <typename Layer, auto Method>
struct PassVfs;
template <typename Layer, typename Result, typename... Arguments,
          Result (*sqlite3_vfs::*Method)(sqlite3_vfs*, Arguments...)>
struct PassVfs<Layer, Method> {
  static Result call(sqlite3_vfs* vfs, Arguments... arguments) {
    sqlite3_vfs* below = static_cast<Layer*>(vfs->pAppData)->below;
    return (below->*Method)(below, arguments...);
  }
};

/// Every method passed down; a layer replaces those that it is about. `version` is that of the file below:
/// SQLite looks at it to see which methods are there.
template <typename Layer>
sqlite3_io_methods passing_io_methods(int version) {
  using M = sqlite3_io_methods;
  return {
      .iVersion = version,
      .xClose = PassFile<Layer, &M::xClose>::call,
      .xRead = PassFile<Layer, &M::xRead>::call,
      .xWrite = PassFile<Layer, &M::xWrite>::call,
      .xTruncate = PassFile<Layer, &M::xTruncate>::call,
      .xSync = PassFile<Layer, &M::xSync>::call,
      .xFileSize = PassFile<Layer, &M::xFileSize>::call,
      .xLock = PassFile<Layer, &M::xLock>::call,
      .xUnlock = PassFile<Layer, &M::xUnlock>::call,
      .xCheckReservedLock = PassFile<Layer, &M::xCheckReservedLock>::call,
      .xFileControl = PassFile<Layer, &M::xFileControl>::call,
      .xSectorSize = PassFile<Layer, &M::xSectorSize>::call,
      .xDeviceCharacteristics = PassFile<Layer, &M::xDeviceCharacteristics>::call,
      .xShmMap = PassFile<Layer, &M::xShmMap>::call,
      .xShmLock = PassFile<Layer, &M::xShmLock>::call,
      .xShmBarrier = PassFile<Layer, &M::xShmBarrier>::call,
      .xShmUnmap = PassFile<Layer, &M::xShmUnmap>::call,
      .xFetch = PassFile<Layer, &M::xFetch>::call,
      .xUnfetch = PassFile<Layer, &M::xUnfetch>::call,
  };
}

/// The same for the VFS itself; the layer sets zName, pAppData and xOpen.
template <typename Layer>
sqlite3_vfs passing_vfs(const sqlite3_vfs& below) {
  using V = sqlite3_vfs;
  sqlite3_vfs vfs = below;
  vfs.pNext = nullptr;
  vfs.iVersion = 2;  // system calls cannot be overridden through a layer
  vfs.szOsFile = static_cast<int>(sizeof(LayeredFile<Layer>)) + below.szOsFile;
  vfs.xDelete = PassVfs<Layer, &V::xDelete>::call;
  vfs.xAccess = PassVfs<Layer, &V::xAccess>::call;
  vfs.xFullPathname = PassVfs<Layer, &V::xFullPathname>::call;
  vfs.xDlOpen = PassVfs<Layer, &V::xDlOpen>::call;
  vfs.xDlError = PassVfs<Layer, &V::xDlError>::call;
  vfs.xDlSym = nullptr;  // extensions are never loaded
  vfs.xDlClose = PassVfs<Layer, &V::xDlClose>::call;
  vfs.xRandomness = PassVfs<Layer, &V::xRandomness>::call;
  vfs.xSleep = PassVfs<Layer, &V::xSleep>::call;
  vfs.xCurrentTime = PassVfs<Layer, &V::xCurrentTime>::call;
  vfs.xGetLastError = PassVfs<Layer, &V::xGetLastError>::call;
  vfs.xCurrentTimeInt64 = PassVfs<Layer, &V::xCurrentTimeInt64>::call;
  return vfs;
}

/// xOpen of the layer: opens below and gives the file its methods, one table for each version.
template <typename Layer>
int open_layered(Layer& layer, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* layered = LayeredFile<Layer>::of(file);
  layered->base.pMethods = nullptr;
  layered->layer = &layer;
  layered->below()->pMethods = nullptr;
  const int code = layer.below->xOpen(layer.below, name, layered->below(), flags, out_flags);
  if (const auto* methods = layered->below()->pMethods)
    layered->base.pMethods = Layer::methods(methods->iVersion < 3 ? methods->iVersion : 3);
  return code;
}

}  // namespace csrflow::store
