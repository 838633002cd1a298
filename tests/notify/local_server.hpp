// A server on 127.0.0.1 that says what a test wants it to say, with or without TLS.
#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace csrflow::notify::test {

template <auto free>
struct Freed {
  template <class T>
  void operator()(T* handle) const {
    free(handle);
  }
};
using SslPtr = std::unique_ptr<SSL, Freed<SSL_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freed<X509_free>>;

/// A key and a certificate that signs itself, for `name` (`IP:127.0.0.1`).
struct ServerIdentity {
  explicit ServerIdentity(const std::string& name = "IP:127.0.0.1");
  std::string pem() const;  ///< the certificate
  KeyPtr key;
  CertificatePtr certificate;
};

/// One client. Everything ends with an exception once it has gone, or is silent for 20 s.
class Connection {
 public:
  explicit Connection(int socket) : socket_(socket) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start_tls(const ServerIdentity&);
  bool encrypted() const { return ssl_ != nullptr; }
  std::string line();  ///< without its line end
  std::string bytes(std::size_t count);
  void say(const std::string& text);
  void wait_until_gone();

 private:
  char next();

  int socket_;
  ContextPtr context_;
  SslPtr ssl_;
};

class LocalServer {
 public:
  using Serve = std::function<void(Connection&)>;
  /// One client after another.
  explicit LocalServer(Serve serve);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int listening_;
  int port_ = 0;
  Serve serve_;
  std::jthread thread_;
};

struct HttpRequest {
  std::string line, headers, body;  ///< headers: `name: value` lines, names in lower case
  std::string header(const std::string& name) const;
};
/// Reads a request with a Content-Length.
HttpRequest read_request(Connection&);

}  // namespace csrflow::notify::test
