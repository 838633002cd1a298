// One TLS handshake with a service, over TCP, within a time limit.
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "agent/descriptor.hpp"
#include "agent/openssl.hpp"
#include "agent/probe.hpp"

namespace csrflow::agent {
namespace {

using ContextHandle = Handle<SSL_CTX, SSL_CTX_free>;
using ConnectionHandle = Handle<SSL, SSL_free>;
using AddressesHandle = Handle<addrinfo, freeaddrinfo>;
using Instant = std::chrono::steady_clock::time_point;

constexpr std::size_t max_line = 1024;
constexpr int max_lines = 100;

/// OpenSSL writes to sockets without MSG_NOSIGNAL: while this lives, a service that has gone away does not
/// end this process by SIGPIPE.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;
  ~NoPipeSignal() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    constexpr timespec at_once{};
    while (::sigtimedwait(&pipe_, nullptr, &at_once) < 0 && errno == EINTR) continue;
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{}, before_{};
};

/// Why an attempt found no leaf; a sentence.
struct AttemptFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A socket that does not block, and the instant at which an attempt on it is over.
class Connection {
 public:
  Connection(Descriptor socket, Instant end) : socket_(std::move(socket)), end_(end) {}
  int socket() const { return socket_.get(); }

  void wait(short events) const {
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
      pollfd source{socket_.get(), events, 0};
      const int ready =
          left.count() <= 0
              ? 0
              : ::poll(&source, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
      if (ready > 0) return;
      if (ready == 0 && std::chrono::steady_clock::now() >= end_)
        throw AttemptFailed("it did not answer in time");
    }
  }
  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count >= 0)
        bytes.remove_prefix(static_cast<std::size_t>(count));
      else if (errno == EAGAIN)
        wait(POLLOUT);
      else if (errno != EINTR)
        throw AttemptFailed(std::string("it cannot be written to: ") + std::strerror(errno));
    }
  }
  /// One byte: what comes after it belongs to TLS.
  char receive() const {
    while (true) {
      char byte = 0;
      const auto count = ::recv(socket_.get(), &byte, 1, 0);
      if (count == 1) return byte;
      if (count == 0) throw AttemptFailed("it closed the connection before TLS began");
      if (errno == EAGAIN)
        wait(POLLIN);
      else if (errno != EINTR)
        throw AttemptFailed(std::string("it cannot be read from: ") + std::strerror(errno));
    }
  }
  std::string receive_line() const {
    std::string line;
    for (char byte = receive(); byte != '\n'; byte = receive()) {
      if (line.size() == max_line) throw AttemptFailed("it sent a line that is too long before TLS began");
      line += byte;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }

 private:
  Descriptor socket_;
  Instant end_;
};

std::optional<std::string> connect_to(const addrinfo& address, Instant end, std::optional<Connection>& made) {
  Descriptor socket(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return std::strerror(errno);
  const int descriptor = socket.get();
  Connection connection(std::move(socket), end);
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return std::strerror(errno);
    connection.wait(POLLOUT);
    int error_number = 0;
    socklen_t length = sizeof error_number;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error_number, &length);
    if (error_number != 0) return std::strerror(error_number);
  }
  made.emplace(std::move(connection));
  return std::nullopt;
}

Connection connect(const Probe& probe, Instant end) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(probe.host.c_str(), std::to_string(probe.port).c_str(), &wanted, &found);
  if (failed != 0) throw AttemptFailed(std::string("its name is not resolved: ") + ::gai_strerror(failed));
  const AddressesHandle addresses(found);
  std::string why;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    std::optional<Connection> made;
    if (auto refused = connect_to(*address, end, made))
      why = *refused;
    else
      return std::move(*made);
  }
  throw AttemptFailed("it cannot be reached: " + why);
}

/// Replies of SMTP (RFC 5321 4.2.1): `250-…` lines are followed by others, `250 …` is the last.
void expect_reply(const Connection& connection, std::string_view code) {
  for (int lines = 0; lines < max_lines; ++lines) {
    const std::string line = connection.receive_line();
    if (!line.starts_with(code)) throw AttemptFailed("it answered \"" + line + "\" before TLS began");
    if (line.size() == code.size() || line[code.size()] != '-') return;
  }
  throw AttemptFailed("its answer before TLS began has too many lines");
}

/// RFC 3207 4.
void start_smtp(const Connection& connection) {
  expect_reply(connection, "220");
  connection.send("EHLO localhost\r\n");
  expect_reply(connection, "250");
  connection.send("STARTTLS\r\n");
  expect_reply(connection, "220");
}

/// RFC 9051 6.2.1.
void start_imap(const Connection& connection) {
  const std::string greeting = connection.receive_line();
  if (!greeting.starts_with("* OK")) throw AttemptFailed("it answered \"" + greeting + "\" before TLS began");
  connection.send("a STARTTLS\r\n");
  for (int lines = 0; lines < max_lines; ++lines) {
    const std::string line = connection.receive_line();
    if (line.starts_with("a OK")) return;
    if (!line.starts_with("* ")) throw AttemptFailed("it answered \"" + line + "\" to STARTTLS");
  }
  throw AttemptFailed("its answer before TLS began has too many lines");
}

/// SSLRequest: length 8, code 80877103 (PostgreSQL's protocol, message formats).
void start_postgres(const Connection& connection) {
  connection.send(std::string_view("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8));
  if (connection.receive() != 'S') throw AttemptFailed("it takes no TLS connections");
}

void start_tls(const Connection& connection, StartTls kind) {
  switch (kind) {
    case StartTls::none:
      return;
    case StartTls::smtp:
      return start_smtp(connection);
    case StartTls::imap:
      return start_imap(connection);
    case StartTls::postgres:
      return start_postgres(connection);
  }
}

/// OpenSSL asks for a client certificate after the server has proved that it has its key. There is none; a
/// service that insists breaks off, and its leaf is known all the same.
int note_proof(SSL* connection, X509**, EVP_PKEY**) {
  *static_cast<bool*>(SSL_get_ex_data(connection, 0)) = true;
  return 0;
}

ConnectionHandle new_connection(SSL_CTX* context, const Probe& probe, int socket, bool& proved) {
  ConnectionHandle tls(require(SSL_new(context), "make a TLS connection"));
  require(SSL_set_fd(tls.get(), socket) == 1 && SSL_set_ex_data(tls.get(), 0, &proved) == 1 &&
              (probe.server_name.empty() ||
               SSL_ctrl(tls.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                        const_cast<char*>(probe.server_name.c_str())) == 1),
          "make a TLS connection");
  return tls;
}

void shake_hands(SSL* tls, const Connection& connection, const bool& proved) {
  while (true) {
    ERR_clear_error();  // SSL_get_error looks at what is there
    const int done = SSL_connect(tls);
    if (done == 1) return;
    switch (SSL_get_error(tls, done)) {
      case SSL_ERROR_WANT_READ:
        connection.wait(POLLIN);
        continue;
      case SSL_ERROR_WANT_WRITE:
        connection.wait(POLLOUT);
        continue;
      default:
        if (proved) return;
        throw AttemptFailed("the TLS handshake failed: " +
                            (ERR_peek_error() == 0 ? "it broke the connection" : drain_errors()));
    }
  }
}

engine::Bytes leaf_of(const Probe& probe, Instant end) {
  const ContextHandle context(require(SSL_CTX_new(TLS_client_method()), "make a TLS connection"));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_client_cert_cb(context.get(), note_proof);
  const Connection connection = connect(probe, end);
  start_tls(connection, probe.start_tls);
  bool proved = false;
  const ConnectionHandle tls = new_connection(context.get(), probe, connection.socket(), proved);
  shake_hands(tls.get(), connection, proved);
  const CertificateHandle leaf(SSL_get1_peer_certificate(tls.get()));
  ERR_clear_error();
  if (!leaf) throw AttemptFailed("it showed no certificate");
  return der_of<const X509>(i2d_X509, leaf.get());
}

}  // namespace

std::expected<engine::Bytes, std::string> TlsProber::served_leaf(const Probe& probe, engine::Duration limit) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(limit.microseconds);
  const NoPipeSignal no_signal;
  try {
    return leaf_of(probe, end);
  } catch (const AttemptFailed& failed) {
    return std::unexpected(failed.what());
  } catch (const OpenSslError& failed) {
    return std::unexpected(failed.what());
  }
}

}  // namespace csrflow::agent
