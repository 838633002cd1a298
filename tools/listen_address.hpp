// ADDRESS:PORT as on the command line.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace csrflow::tools {

struct ListenAddress {
  std::string address;  ///< IPv4 or IPv6, without brackets
  std::uint16_t port = 0;

  bool any_address() const { return address == "0.0.0.0" || address == "::"; }
  /// How a client on this machine reaches it at `actual_port`.
  std::string url(std::uint16_t actual_port) const;
};

/// `127.0.0.1:6443`, `[::1]:6443`, `localhost:6443`, `:6443` (every address).
std::expected<ListenAddress, std::string> parse_listen_address(const std::string& text);

}  // namespace csrflow::tools
