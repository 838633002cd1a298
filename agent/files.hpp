// Whole files and folders, made of single system calls.
#pragma once

#include "agent/file_system.hpp"
#include "agent/secret.hpp"

namespace csrflow::agent {

/// Who may read a file. Absent owner or group: the agent's own.
struct FileAccess {
  std::optional<uid_t> owner;
  std::optional<gid_t> group;
  mode_t mode = 0600;
};

/// Makes a file and syncs it; the directory is the caller's to sync. Nobody but the agent's user can open it
/// before its content and owner are right.
void write_file(FileSystem&, const OpenFile& directory, const std::string& name, std::string_view bytes,
                const FileAccess&);
/// Throws FileError (EFBIG) when there is more than `most`. Buffers are cleansed: it may be a key.
Secret read_file(FileSystem&, const OpenFile& directory, const std::string& name, std::size_t most);
/// With the files in it; folders in it are an error.
void remove_folder(FileSystem&, const OpenFile& directory, const std::string& name);
/// `.pending-` and 16 random hex digits.
std::string temporary_name(std::string_view prefix);

}  // namespace csrflow::agent
