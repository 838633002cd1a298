// An HTTPS server of a test's own, on 127.0.0.1: it remembers what it was asked, and answers what it was told
// to.
#pragma once

#include <functional>
#include <mutex>
#include <semaphore>
#include <thread>

#include "agent/descriptor.hpp"
#include "agent/key.hpp"

namespace csrflow::agent::test {

struct Heard {
  std::string method, target, body;
  std::string authorization;
  std::string peer;  ///< the common name of the client's certificate; empty: none
};
/// What is sent, piece after piece: before each but the first it waits for `go_on`. Then the connection is
/// closed.
using Pieces = std::vector<std::string>;

class HttpsService {
 public:
  using Handler = std::function<Pieces(const Heard&)>;
  explicit HttpsService(Handler);
  HttpsService(const HttpsService&) = delete;
  HttpsService& operator=(const HttpsService&) = delete;
  ~HttpsService();

  std::string port() const { return std::to_string(port_); }
  /// PEM: self-signed, for 127.0.0.1.
  const engine::Bytes& certificate() const { return certificate_; }
  void go_on() { next_.release(); }
  std::vector<Heard> heard() const;

 private:
  void accept_until_closed();
  void answer(const Descriptor& socket);

  Handler handler_;
  std::uint16_t port_ = 0;
  Descriptor listener_;
  PrivateKey key_ = PrivateKey::make(KeyKind::p256);
  engine::Bytes certificate_;
  std::counting_semaphore<> next_{0};
  mutable std::mutex mutex_;
  std::vector<Heard> heard_;  // guarded by mutex_
  std::jthread thread_;
};

/// A certificate over its own key that is valid now; `name` is its common name, and 127.0.0.1 its address.
engine::Bytes self_signed(const PrivateKey&, const std::string& name, long from_seconds = -3'600,
                          long to_seconds = 3'600);

std::string ok(const std::string& body, const std::string& status = "200 OK");
std::string chunk(const std::string& text);

}  // namespace csrflow::agent::test
