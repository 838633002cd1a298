#include "agent/files.hpp"

#include <openssl/rand.h>

#include <array>
#include <cerrno>

#include "agent/openssl.hpp"

namespace csrflow::agent {

void write_file(FileSystem& files, const OpenFile& directory, const std::string& name, std::string_view bytes,
                const FileAccess& access) {
  const OpenFile file = files.create_file(directory, name);
  while (!bytes.empty()) bytes.remove_prefix(files.write(file, bytes));
  // The owner first: a mode for the group is meant for the new group.
  if (access.owner || access.group) files.change_owner(file, access.owner, access.group);
  files.change_mode(file, access.mode);
  files.sync(file);
}

Secret read_file(FileSystem& files, const OpenFile& directory, const std::string& name, std::size_t most) {
  const OpenFile file = files.open_file(directory, name);
  Secret content;
  std::array<char, 4096> buffer{};
  while (const std::size_t count = files.read(file, buffer.data(), buffer.size())) {
    content.append({buffer.data(), count});
    OPENSSL_cleanse(buffer.data(), count);
    if (content.view().size() > most) throw FileError("cannot use " + file.path().string(), EFBIG);
  }
  return content;
}

void remove_folder(FileSystem& files, const OpenFile& directory, const std::string& name) {
  const OpenFile folder = files.open_directory_at(directory, name);
  for (const std::string& file : files.names(folder)) files.remove_file(folder, file);
  files.remove_directory(directory, name);
}

std::string temporary_name(std::string_view prefix) {
  std::array<unsigned char, 8> random{};
  require(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "draw a name");
  return std::string(prefix) + engine::to_hex({reinterpret_cast<const char*>(random.data()), random.size()});
}

}  // namespace csrflow::agent
