// A TLS service of a test's own, on 127.0.0.1, that answers one connection after the other.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "agent/descriptor.hpp"
#include "agent/key.hpp"

namespace csrflow::agent::test {

struct TlsServiceOptions {
  /// What is spoken on the socket before TLS; false: the connection is closed instead.
  std::function<bool(int socket)> before_tls;
  bool asks_for_client_certificate = false;
  int max_version = 0;  ///< TLS1_2_VERSION; 0: the newest
};

class TlsService {
 public:
  using Options = TlsServiceOptions;
  explicit TlsService(Options options = {});
  TlsService(const TlsService&) = delete;
  TlsService& operator=(const TlsService&) = delete;
  ~TlsService();

  std::uint16_t port() const { return port_; }
  /// From the next connection on. Any thread.
  void serve(const PrivateKey& key, const engine::Bytes& certificate_pem);
  /// The SNI of the last connection.
  std::string asked_for() const;

 private:
  void accept_until_closed();
  void answer(const Descriptor& socket);

  Options options_;
  std::uint16_t port_ = 0;
  Descriptor listener_;
  mutable std::mutex mutex_;
  engine::Bytes key_, certificate_, asked_for_;  // guarded by mutex_
  std::jthread thread_;
};

/// Sends the text, then reads a line.
void say(int socket, std::string_view text);
std::string hear_line(int socket);

}  // namespace csrflow::agent::test
