// The first thing that a command which only reads asks.
#pragma once

#include <filesystem>
#include <iostream>

namespace csrflow::tools {

/// Says so when there is no such directory.
inline bool data_there(const std::filesystem::path& directory) {
  if (std::filesystem::is_directory(directory)) return true;
  std::cerr << "csrflow: there is no data directory " << directory.string() << '\n';
  return false;
}

/// Says that the log knows no request of this name.
inline void tell_unknown_request(const std::string& name) {
  std::cerr << "csrflow: no request was ever called " << name << ": `csrflow log` shows every event\n";
}

}  // namespace csrflow::tools
