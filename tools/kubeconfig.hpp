// The kubeconfig file of the administrator.
#pragma once

#include <string>
#include <string_view>

namespace csrflow::tools {

/// YAML with everything embedded; the arguments are PEM.
std::string kubeconfig(std::string_view server_url, std::string_view ca, std::string_view certificate,
                       std::string_view key);

}  // namespace csrflow::tools
