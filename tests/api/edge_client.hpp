// A blocking HTTPS client for tests: it sends exactly the bytes that it is told to.
#pragma once

#include <optional>

#include "tests/api/edge_pki.hpp"

namespace csrflow::api::test {

struct HttpAnswer {
  int status = 0;
  Headers headers;
  std::string body;
};

/// Every call throws std::runtime_error when the server says nothing for ten seconds, or ends too early.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const Credential* as = nullptr);

  void send(std::string_view bytes);
  /// Reads one answer with a Content-Length.
  HttpAnswer read();
  /// Reads an answer's head only.
  HttpAnswer read_head();
  HttpAnswer ask(const std::string& method, const std::string& target, Headers headers = {},
                 const std::string& body = {});

  /// Of a chunked answer: the next line; nothing at its clean end.
  std::optional<std::string> next_line();
  /// DER.
  std::string server_certificate() const;
  /// Has the server closed the connection?
  bool at_end();
  /// Everything until the server closes, as it comes.
  std::string read_all();

 private:
  bool fill();
  std::string take_until(std::string_view mark);

  std::unique_ptr<SSL_CTX, FreeHandle<SSL_CTX_free>> context_;
  std::unique_ptr<BIO, FreeHandle<BIO_free_all>> bio_;
  std::string read_;   // read and not yet taken
  std::string lines_;  // the chunks' contents
};

/// A client that connects and says nothing, or something that is no TLS.
class TcpClient {
 public:
  explicit TcpClient(std::uint16_t port);
  ~TcpClient();
  TcpClient(const TcpClient&) = delete;
  TcpClient& operator=(const TcpClient&) = delete;

  void send(std::string_view bytes);
  /// Has the server closed the connection? Throws std::runtime_error when it says nothing for ten seconds.
  bool at_end();

 private:
  const int socket_;
};

}  // namespace csrflow::api::test
