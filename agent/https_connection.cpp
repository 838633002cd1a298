#include "agent/https_connection.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <charconv>
#include <utility>

namespace csrflow::agent {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t longest_head = 64 * 1024;

Deadline after(std::chrono::milliseconds patience) {
  return std::chrono::steady_clock::now() + patience;
}

/// The authorities replace the operating system's: only these speak for the server.
std::expected<void, std::string> trust(asio::ssl::context& tls, const engine::Bytes& authorities) {
  beast::error_code problem;
  tls.add_certificate_authority(asio::buffer(authorities), problem);
  if (problem) return std::unexpected("the authorities (PEM) cannot be read: " + problem.message());
  tls.set_verify_mode(asio::ssl::verify_peer);
  return {};
}

std::expected<void, std::string> identify(asio::ssl::context& tls, const Credentials& credentials) {
  if (credentials.chain.empty()) return {};
  beast::error_code problem;
  tls.use_certificate_chain(asio::buffer(credentials.chain), problem);
  if (!problem)
    tls.use_private_key(asio::buffer(credentials.key.view().data(), credentials.key.view().size()),
                        asio::ssl::context::pem, problem);
  if (problem)
    return std::unexpected("the agent's own certificate or key cannot be used: " + problem.message());
  return {};
}

std::optional<engine::Duration> seconds_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t day = 86'400;
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > day)
    return std::nullopt;
  return engine::seconds(value);
}

template <class Message>
std::optional<engine::Duration> retry_after(const Message& message) {
  const auto field = message.find(http::field::retry_after);
  return field == message.end() ? std::nullopt : seconds_of({field->value().data(), field->value().size()});
}

bool is_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value > 0 && value < 65'536;
}

}  // namespace

std::string ServerAddress::url() const {
  const bool six = host.find(':') != std::string::npos;
  return "https://" + (six ? '[' + host + ']' : host) + ':' + port + prefix;
}

std::expected<ServerAddress, std::string> parse_server_address(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  const std::string written(url);
  const auto wrong = [&](const std::string& why) {
    return std::unexpected(written + ": " + why + "; write it as https://ca.example.com:6443");
  };
  if (!url.starts_with(scheme)) return wrong("is no https:// address");
  url.remove_prefix(scheme.size());
  if (url.find_first_of("@?# ") != std::string_view::npos)
    return wrong("has more than a host, a port and a path");
  ServerAddress address{.host = {}, .port = "443", .prefix = {}};
  if (const auto slash = url.find('/'); slash != std::string_view::npos) {
    address.prefix = url.substr(slash);
    while (address.prefix.ends_with('/')) address.prefix.pop_back();
    url = url.substr(0, slash);
  }
  std::string_view rest;
  if (url.starts_with('[')) {
    const auto close = url.find(']');
    if (close == std::string_view::npos) return wrong("lacks the closing bracket of its address");
    address.host = url.substr(1, close - 1);
    rest = url.substr(close + 1);
  } else {
    const auto colon = url.find(':');
    address.host = url.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : url.substr(colon);
  }
  if (address.host.empty()) return wrong("has no host");
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !is_port(rest.substr(1))) return wrong("has no port between 1 and 65535");
    address.port = rest.substr(1);
  }
  return address;
}

struct HttpsConnection::Inside {
  Inside(const ServerAddress& to, const TlsSide& side, std::stop_token stop_at)
      : address(to), token(side.credentials.token), stop(std::move(stop_at)) {}

  /// Runs the connection until `done`, the deadline or a stop.
  void run(const bool& done, Deadline deadline) {
    // The callback may run on any thread; posting is what an io_context allows from everywhere.
    const std::stop_callback wake(stop, [this] { asio::post(context, [] {}); });
    while (!done && !stop.stop_requested() && std::chrono::steady_clock::now() < deadline) {
      context.restart();
      context.run_one_until(deadline);
    }
  }

  /// Starts an operation and waits for its end. One that does not end in time is cancelled with its
  /// connection.
  template <class Start>
  beast::error_code wait(std::chrono::milliseconds patience, Start start) {
    bool done = false;
    beast::error_code result;
    start([&](beast::error_code code, auto&&...) {
      result = code;
      done = true;
    });
    run(done, after(patience));
    if (done) return result;
    close();
    // The handler refers to this frame: it has to have run.
    while (!done) {
      context.restart();
      context.run_one();
    }
    return beast::error::timeout;
  }

  void close() {
    resolver.cancel();
    if (!stream) return;
    beast::error_code ignored;
    beast::get_lowest_layer(*stream).socket().close(ignored);
  }

  std::unexpected<ConnectionFailure> failure(const std::string& doing, const beast::error_code& code) {
    if (stop.stop_requested()) return std::unexpected(ConnectionFailure{"stopped", true});
    std::string said = address.url() + ": " + doing + ": ";
    said += code == beast::error::timeout ? "no answer in time" : code.message();
    if (stream) {
      const long verdict = SSL_get_verify_result(stream->native_handle());
      if (verdict != X509_V_OK)
        said += std::string(" (") + X509_verify_cert_error_string(verdict) +
                "; is its authority among the trusted ones, and is this one of its names?)";
    }
    return std::unexpected(ConnectionFailure{said});
  }

  std::expected<void, ConnectionFailure> connect(const TlsSide& side) {
    for (const auto& made : {trust(tls, side.authorities), identify(tls, side.credentials)})
      if (!made) return std::unexpected(ConnectionFailure{address.url() + ": " + made.error()});
    asio::ip::tcp::resolver::results_type found;
    if (const auto code = wait(connect_patience, [&](auto done) {
          resolver.async_resolve(address.host, address.port, [&, done](auto e, auto ends) {
            found = std::move(ends);
            done(e);
          });
        }))
      return failure("its address cannot be found", code);
    stream.emplace(context, tls);
    auto& socket = beast::get_lowest_layer(*stream);
    socket.expires_never();  // wait() has the deadlines
    if (const auto code = wait(connect_patience, [&](auto done) { socket.async_connect(found, done); }))
      return failure("cannot be reached", code);
    return shake_hands();
  }

  std::expected<void, ConnectionFailure> shake_hands() {
    stream->set_verify_callback(asio::ssl::host_name_verification(address.host));
    beast::error_code not_named;
    asio::ip::make_address(address.host, not_named);  // SNI is for names only (RFC 6066 3)
    if (not_named && SSL_ctrl(stream->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                              TLSEXT_NAMETYPE_host_name, address.host.data()) != 1)
      return std::unexpected(ConnectionFailure{address.url() + ": " + address.host + " is no host name"});
    if (const auto code = wait(connect_patience, [&](auto done) {
          stream->async_handshake(asio::ssl::stream_base::client, done);
        }))
      return failure("no TLS connection", code);
    return {};
  }

  std::expected<void, ConnectionFailure> send(std::string_view method, std::string_view path,
                                              std::string_view body) {
    http::request<http::string_body> request;
    request.method_string(beast::string_view(method.data(), method.size()));
    request.target(address.prefix + std::string(path));
    request.version(11);
    request.set(http::field::host, address.url().substr(std::string_view("https://").size()));
    request.set(http::field::accept, "application/json");
    request.set(http::field::user_agent, "csrflow-agent");
    if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
    if (!body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = body;
    request.prepare_payload();
    if (const auto code =
            wait(answer_patience, [&](auto done) { http::async_write(*stream, request, done); }))
      return failure("the request was not sent", code);
    return {};
  }

  template <class Parser>
  std::expected<HttpAnswer, ConnectionFailure> rest_of(Parser& parser) {
    if (const auto code =
            wait(answer_patience, [&](auto done) { http::async_read(*stream, buffer, parser, done); }))
      return failure("no whole answer", code);
    auto message = parser.release();
    HttpAnswer answer{.status = message.result_int(), .body = {}, .retry_after = retry_after(message)};
    answer.body = std::move(message.body());
    return answer;
  }

  /// Keeps one read under way; it outlives the call when nothing came.
  void read_some() {
    if (reading) return;
    auto& body = lines->get().body();
    body.data = piece.data();
    body.size = piece.size();
    reading = true;
    arrived = false;
    http::async_read_some(*stream, buffer, *lines, [this](beast::error_code code, std::size_t) {
      read_result = code == http::error::need_buffer ? beast::error_code() : code;
      arrived = true;
    });
  }

  ServerAddress address;
  std::string token;
  std::stop_token stop;
  asio::io_context context{1};
  asio::ssl::context tls{asio::ssl::context::tls_client};
  asio::ip::tcp::resolver resolver{context};
  std::optional<Stream> stream;
  beast::flat_buffer buffer{longest_head + longest_answer};
  // Of a stream of lines:
  std::optional<http::response_parser<http::buffer_body>> lines;
  std::array<char, 16 * 1024> piece{};
  std::string text;  // came, and is not taken yet
  bool reading = false, arrived = false;
  beast::error_code read_result;
};

HttpsConnection::HttpsConnection(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
HttpsConnection::HttpsConnection(HttpsConnection&&) noexcept = default;
HttpsConnection& HttpsConnection::operator=(HttpsConnection&&) noexcept = default;
HttpsConnection::~HttpsConnection() {
  if (inside_) inside_->close();
}

std::expected<HttpsConnection, ConnectionFailure> HttpsConnection::open(const ServerAddress& address,
                                                                        const TlsSide& side,
                                                                        std::stop_token stop) {
  auto inside = std::make_unique<Inside>(address, side, std::move(stop));
  SSL_CTX_set_min_proto_version(inside->tls.native_handle(), TLS1_2_VERSION);
  if (auto connected = inside->connect(side); !connected)
    return std::unexpected(std::move(connected.error()));
  return HttpsConnection(std::move(inside));
}

std::expected<HttpAnswer, ConnectionFailure> HttpsConnection::ask(std::string_view method,
                                                                  std::string_view path,
                                                                  std::string_view body) {
  if (auto sent = inside_->send(method, path, body); !sent) return std::unexpected(std::move(sent.error()));
  http::response_parser<http::string_body> parser;
  parser.header_limit(longest_head);
  parser.body_limit(longest_answer);
  return inside_->rest_of(parser);
}

std::expected<HttpAnswer, ConnectionFailure> HttpsConnection::begin_lines(std::string_view path) {
  Inside& in = *inside_;
  if (auto sent = in.send("GET", path, {}); !sent) return std::unexpected(std::move(sent.error()));
  in.lines.emplace();
  in.lines->header_limit(longest_head);
  in.lines->body_limit(boost::none);  // it goes on and on; next_line() bounds each line
  if (const auto code = in.wait(answer_patience, [&](auto done) {
        http::async_read_header(*in.stream, in.buffer, *in.lines, done);
      }))
    return in.failure("no answer", code);
  if (in.lines->get().result() == http::status::ok) return HttpAnswer{.status = 200};
  http::response_parser<http::string_body> parser(std::move(*in.lines));
  parser.body_limit(longest_answer);
  return in.rest_of(parser);
}

std::expected<std::optional<std::string>, ConnectionFailure> HttpsConnection::next_line(
    std::chrono::milliseconds patience) {
  Inside& in = *inside_;
  const Deadline deadline = after(patience);
  while (true) {
    if (const auto end = in.text.find('\n'); end != std::string::npos) {
      std::string line = in.text.substr(0, end);
      in.text.erase(0, end + 1);
      return line;
    }
    if (in.text.size() > longest_line)
      return std::unexpected(ConnectionFailure{in.address.url() + ": a line of the watch is too long"});
    if (!in.reading && in.lines->is_done()) return std::unexpected(ConnectionFailure{});
    in.read_some();
    in.run(in.arrived, deadline);
    if (!in.arrived) return std::nullopt;
    in.reading = false;
    in.text.append(in.piece.data(), in.piece.size() - in.lines->get().body().size);
    if (in.read_result == http::error::end_of_stream) return std::unexpected(ConnectionFailure{});
    if (in.read_result) return in.failure("the watch broke off", in.read_result);
  }
}

}  // namespace csrflow::agent
