#include "tools/listen_address.hpp"

#include <charconv>

namespace csrflow::tools {

std::string ListenAddress::url(std::uint16_t actual_port) const {
  std::string host = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return "https://" + host + ":" + std::to_string(actual_port);
}

std::expected<ListenAddress, std::string> parse_listen_address(const std::string& text) {
  auto wrong = [&](const char* what) {
    return std::unexpected("--listen " + text + ": " + what + "; write ADDRESS:PORT, as 127.0.0.1:6443");
  };
  std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return wrong("there is no port");
  ListenAddress made{text.substr(0, colon), 0};
  const char* end = text.data() + text.size();
  auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, made.port);
  if (error != std::errc() || stopped != end) return wrong("the port is not a number up to 65535");
  if (made.address.starts_with('[') && made.address.ends_with(']'))
    made.address = made.address.substr(1, made.address.size() - 2);
  if (made.address.empty()) made.address = "0.0.0.0";
  if (made.address == "localhost") made.address = "127.0.0.1";
  return made;
}

}  // namespace csrflow::tools
