// HTTP as plain values: what the handlers see of a request and how they answer, without sockets or a library.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace csrflow::api {

/// Bytes that several answers and watches share.
using SharedBytes = std::shared_ptr<const std::string>;

/// Header fields in the order of the wire; names compare without case (RFC 9110 5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  /// The first field's value; null when there is none.
  const std::string* find(std::string_view name) const;
  /// The first field's value or an empty text.
  std::string_view get(std::string_view name) const;
  /// Every value of the field, in order.
  std::vector<std::string_view> all(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// What a client presented in the handshake; nobody has judged it yet.
struct PeerCertificates {
  std::vector<std::string> chain;  ///< DER, leaf first, at least one
  std::string digest;              ///< SHA-256 over the whole chain, lower-case hex
};

/// The other end of a connection.
struct Peer {
  std::string address;                                   ///< without port
  std::shared_ptr<const PeerCertificates> certificates;  ///< null when the client presented none
};

struct Request {
  std::string method;
  std::string target;  ///< as on the request line
  std::string path;    ///< the target before `?`, still percent-encoded
  std::string query;   ///< what follows `?`, without it
  Headers headers;
  std::string body;
  /// The body was longer than the limit and was not read; `body` is empty.
  bool body_too_large = false;
  std::shared_ptr<const Peer> peer;
};

struct Response {
  int status = 200;
  Headers headers;   ///< without Content-Length, Date and Connection, which the server writes
  SharedBytes body;  ///< null = empty
};

/// An answer piece by piece: a watch, a long list. Thread-safe.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Queues the bytes. False when the queue is full: nothing was queued, and the notice of `on_writable`
  /// comes once there is room. True also when the client has gone: nobody reads them.
  virtual bool write(SharedBytes) = 0;
  /// Sends what is queued, then ends the answer cleanly.
  virtual void close() = 0;
  /// Ends the connection, so that the client sees that the answer is not whole.
  virtual void break_off() = 0;
  /// Each is called on a thread of the server and must not block. Set before the first write.
  virtual void on_writable(std::function<void()>) = 0;
  /// The stream is over, whoever ended it; called once.
  virtual void on_closed(std::function<void()>) = 0;
};

/// One request and its one answer. Thread-safe; an exchange that is dropped without an answer is answered
/// 500.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const Request& request() const = 0;
  virtual void answer(Response) = 0;
  /// Starts an answer that stays open, with the status and headers of `head`.
  virtual std::shared_ptr<Stream> stream(Response head) = 0;
};

}  // namespace csrflow::api
