// The HTTPS server: HTTP/1.1 over TLS, a few event loops with a thread each, bounded everywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "api/http.hpp"

namespace csrflow::api {

struct HttpLimits {
  std::size_t header_bytes = 32 * 1024;           ///< beyond: 431
  std::size_t body_bytes = 3 * 1024 * 1024;       ///< beyond: the handler hears of it, for a 413
  std::size_t connections = 10'000;               ///< beyond: closed at once
  std::size_t connections_per_peer = 2'500;       ///< the same; a peer is an IPv4 address or an IPv6 /64
  std::size_t unread_bytes = 1024 * 1024 * 1024;  ///< answers that wait for their clients; beyond: 429
  std::size_t unread_bytes_per_peer = 256 * 1024 * 1024;  ///< the same
  std::size_t body_bytes_in_all = 512 * 1024 * 1024;      ///< bodies that are read or worked on; beyond: 429
  std::size_t body_bytes_per_peer = 128 * 1024 * 1024;    ///< the same
  std::size_t stream_queue_bytes = 256 * 1024;            ///< waiting in one stream; beyond: write() refuses
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds request{30'000};  ///< from a request's first byte to its last
  std::chrono::milliseconds idle{300'000};    ///< between two requests
  std::chrono::milliseconds write{60'000};    ///< without any progress of a client that should read
  std::chrono::milliseconds farewell{2'000};  ///< closing a connection
  std::chrono::milliseconds stopping{2'000};  ///< for whoever sends or reads slowly while the server stops
  std::chrono::milliseconds tick{500};        ///< how exactly the times above are kept
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  ///< an IP address
  std::uint16_t port = 0;             ///< 0 = any free one
  unsigned threads = 2;
  std::string certificate;  ///< PEM chain, leaf first
  std::string key;          ///< PEM
  std::string client_cas;   ///< PEM; their names are told to clients
  HttpLimits limits;
  /// Hears what ended a connection and was nobody's fault outside; may be null. Called on a thread of the
  /// server.
  std::function<void(const std::string&)> on_error;
};

class HttpServer {
 public:
  /// Called on a thread of the server for each request; must not block.
  using Handler = std::function<void(std::shared_ptr<Exchange>)>;

  /// Listens and serves when it returns. Throws std::runtime_error when the address or the certificate cannot
  /// be used.
  HttpServer(HttpServerOptions, Handler);
  ~HttpServer();  ///< stops without waiting
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// For connections that come from now on. Any thread; throws std::runtime_error when the two do not fit.
  void set_certificate(const std::string& chain_pem, const std::string& key_pem);
  /// Accepts no more, answers what is in flight, ends the streams cleanly; what is left at the deadline is
  /// cut.
  void stop(std::chrono::milliseconds deadline);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace csrflow::api
