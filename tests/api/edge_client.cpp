#include "tests/api/edge_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace csrflow::api::test {
namespace {

constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};

void use(SSL_CTX* context, const Credential& credential) {
  const auto pem = bio_over(credential.certificate);
  SSL_CTX_use_certificate(context, next_certificate(pem.get()).get());
  const auto key_pem = bio_over(credential.key);
  const KeyHandle key(PEM_read_bio_PrivateKey(key_pem.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_PrivateKey(context, key.get());
}

}  // namespace

TlsClient::TlsClient(std::uint16_t port, const Credential* as) : context_(SSL_CTX_new(TLS_client_method())) {
  std::signal(SIGPIPE, SIG_IGN);
  if (as) use(context_.get(), *as);
  bio_.reset(BIO_new_ssl_connect(context_.get()));
  BIO_set_conn_hostname(bio_.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  BIO* connection = BIO_next(bio_.get());
  if (BIO_do_connect(connection) != 1) refuse("cannot connect");
  int socket = -1;
  BIO_get_fd(connection, &socket);
  const int at_once = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (BIO_do_handshake(bio_.get()) != 1) refuse("no handshake");
}

void TlsClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const int count = BIO_write(bio_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count <= 0) refuse("the server does not read");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool TlsClient::fill() {
  std::array<char, 16384> piece{};
  const int count = BIO_read(bio_.get(), piece.data(), static_cast<int>(piece.size()));
  if (count > 0) read_.append(piece.data(), static_cast<std::size_t>(count));
  if (count < 0) refuse("the server is silent");
  ERR_clear_error();
  return count > 0;
}

std::string TlsClient::take_until(std::string_view mark) {
  std::size_t at = 0;
  while ((at = read_.find(mark)) == std::string::npos) {
    if (!fill()) throw std::runtime_error("the connection ended within an answer");
  }
  std::string taken = read_.substr(0, at);
  read_.erase(0, at + mark.size());
  return taken;
}

HttpAnswer TlsClient::read_head() {
  const auto head = take_until("\r\n\r\n");
  HttpAnswer answer{.status = std::stoi(head.substr(head.find(' ')))};
  for (auto at = head.find("\r\n"); at != std::string::npos;) {
    const auto next = head.find("\r\n", at + 2);
    const auto line = head.substr(at + 2, next == std::string::npos ? next : next - at - 2);
    answer.headers.add(line.substr(0, line.find(':')), line.substr(line.find(": ") + 2));
    at = next;
  }
  return answer;
}

HttpAnswer TlsClient::read() {
  auto answer = read_head();
  const auto* length = answer.headers.find("Content-Length");
  const std::size_t size = length ? std::stoul(*length) : 0;
  while (read_.size() < size) {
    if (!fill()) throw std::runtime_error("the connection ended within a body");
  }
  answer.body = read_.substr(0, size);
  read_.erase(0, size);
  return answer;
}

HttpAnswer TlsClient::ask(const std::string& method, const std::string& target, Headers headers,
                          const std::string& body) {
  std::string request = method + ' ' + target + " HTTP/1.1\r\nHost: test\r\n";
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  send(request + "\r\n" + body);
  return read();
}

std::optional<std::string> TlsClient::next_line() {
  for (;;) {
    const auto end = lines_.find('\n');
    if (end != std::string::npos) {
      auto line = lines_.substr(0, end);
      lines_.erase(0, end + 1);
      return line;
    }
    const auto size = std::stoul(take_until("\r\n"), nullptr, 16);
    while (read_.size() < size + 2) {
      if (!fill()) throw std::runtime_error("the connection ended within a chunk");
    }
    lines_ += read_.substr(0, size);
    read_.erase(0, size + 2);
    if (size == 0) return std::nullopt;
  }
}

std::string TlsClient::server_certificate() const {
  SSL* session = nullptr;
  BIO_get_ssl(bio_.get(), &session);
  const CertificateHandle certificate(SSL_get1_peer_certificate(session));
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate.get(), &bytes);
  std::string der(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

bool TlsClient::at_end() {
  return read_.empty() && !fill();
}

std::string TlsClient::read_all() {
  while (fill()) {
  }
  return std::exchange(read_, {});
}

TcpClient::TcpClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect");
  }
}

TcpClient::~TcpClient() {
  ::close(socket_);
}

void TcpClient::send(std::string_view bytes) {
  if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("the server does not read");
}

bool TcpClient::at_end() {
  std::array<char, 4096> piece{};
  for (;;) {
    const auto count = ::recv(socket_, piece.data(), piece.size(), 0);
    if (count == 0 || (count < 0 && errno == ECONNRESET)) return true;
    if (count < 0) throw std::runtime_error("the server is silent");
  }
}

}  // namespace csrflow::api::test
