// Requests of csrflow's own commands to a running server: JSON over HTTPS.
#pragma once

#include <expected>
#include <string>

#include "tools/kubeconfig_reader.hpp"

namespace csrflow::tools {

struct ApiAnswer {
  long status = 0;
  std::string body;
};

/// Sends one request and waits for its answer. An error is a sentence: the server cannot be reached, or is
/// not the one that the kubeconfig trusts.
std::expected<ApiAnswer, std::string> ask_server(const ServerLogin&, const std::string& method,
                                                 const std::string& path, const std::string& body = {});

}  // namespace csrflow::tools
