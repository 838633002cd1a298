// One TLS connection to the server, and HTTP/1.1 on it (Boost.Beast). Waits have an end, and end at once when
// the stop token asks for it.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "agent/secret.hpp"
#include "engine/types.hpp"

namespace csrflow::agent {

struct ServerAddress {
  std::string host, port;
  std::string prefix;  ///< of every path: empty, or `/k8s`
  /// `https://ca.example.com:6443`, as people know it.
  std::string url() const;
};
/// `https://HOST[:PORT][/PREFIX]`; an IPv6 address in brackets. The error says what is wrong.
std::expected<ServerAddress, std::string> parse_server_address(std::string_view url);

/// Who the agent says that it is: a bearer token, or a certificate with its key (PEM). Neither: nobody.
struct Credentials {
  std::string token;
  engine::Bytes chain;
  Secret key;
};

/// Whom the agent trusts, and as whom it speaks.
struct TlsSide {
  engine::Bytes authorities;  ///< PEM, one or more
  Credentials credentials;
};

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::optional<engine::Duration> retry_after;  ///< RFC 9110 10.2.3, in seconds
};

/// No answer came: a sentence with the server's name in it, or `stopped`.
struct ConnectionFailure {
  std::string text;
  bool stopped = false;
};

constexpr std::chrono::seconds connect_patience{15};
constexpr std::chrono::seconds answer_patience{30};
constexpr std::size_t longest_answer = 16 * 1024 * 1024;
constexpr std::size_t longest_line = 4 * 1024 * 1024;  // of a watch

class HttpsConnection {
 public:
  static std::expected<HttpsConnection, ConnectionFailure> open(const ServerAddress&, const TlsSide&,
                                                                std::stop_token);
  ~HttpsConnection();
  HttpsConnection(HttpsConnection&&) noexcept;
  HttpsConnection& operator=(HttpsConnection&&) noexcept;

  /// One request with its answer. `path` begins with a slash and has its query; an empty body is none.
  std::expected<HttpAnswer, ConnectionFailure> ask(std::string_view method, std::string_view path,
                                                   std::string_view body = {});
  /// A GET whose answer is lines that come as they are written. When the status is not 200, the answer has
  /// its body and there are no lines.
  std::expected<HttpAnswer, ConnectionFailure> begin_lines(std::string_view path);
  /// The next line; nothing when `patience` has passed or a stop is asked for. The failure `text` is empty
  /// when the server has ended the answer in good order.
  std::expected<std::optional<std::string>, ConnectionFailure> next_line(std::chrono::milliseconds patience);

 private:
  struct Inside;
  explicit HttpsConnection(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace csrflow::agent
