// Reads what csrflow's commands need of a kubeconfig file: its current context.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace csrflow::tools {

/// PEM and texts; what the file does not say is empty.
struct ServerLogin {
  std::string server;  ///< `https://127.0.0.1:6443`
  std::string authority;
  std::string certificate, key;
  std::string token;
};

/// Embedded data or files beside the kubeconfig; certificates and bearer tokens only. An error is a sentence.
std::expected<ServerLogin, std::string> read_kubeconfig(const std::filesystem::path&);

}  // namespace csrflow::tools
