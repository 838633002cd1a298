// One keep-alive connection of a client that trusts the server's CA. Heavy: for few .cpp files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "bench/tls_stream.hpp"

namespace csrflow::bench {

/// Verifies servers on loopback. `ca`: PEM file.
asio::ssl::context client_context(const std::filesystem::path& ca);

/// Belongs to its loop's thread; one call at a time.
class HttpsConnection {
 public:
  /// `answer_bytes`: of the longest answer, with its head.
  HttpsConnection(asio::io_context&, asio::ssl::context&, std::size_t answer_bytes = 64 * 1024);

  Awaitable<> open(std::uint16_t port);
  Awaitable<> send(std::string_view request);
  /// What has come by now, at least a byte; valid until the next call.
  Awaitable<std::string_view> receive();
  /// The body of the answer, which must have this status and a length; valid until the next call. Throws
  /// std::runtime_error otherwise.
  Awaitable<std::string_view> exchange(std::string_view request, std::string_view status);

 private:
  TlsStream stream_;
  std::string buffer_;
};

}  // namespace csrflow::bench
