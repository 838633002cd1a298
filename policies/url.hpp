// URLs of documents, as libcurl reads them: what is checked here is what is connected to later.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace csrflow::policies {

constexpr std::size_t max_url_bytes = 2'048;

struct Url {
  std::string scheme;                   ///< lower case
  bool user_info = false;               ///< has a user, or a password
  std::string host;                     ///< of an IPv6 address with its brackets
  std::uint16_t port = 0;               ///< 0: not given
  std::string path;                     ///< `/` at least
  std::vector<std::string> parameters;  ///< names of the query's parameters
  bool fragment = false;
};

/// Absolute, at most `max_url_bytes`. The error says what is wrong, without the URL.
std::expected<Url, std::string> parse_url(const std::string& text);

}  // namespace csrflow::policies
