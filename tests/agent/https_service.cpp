#include "tests/agent/https_service.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>

#include "agent/certificate.hpp"

namespace csrflow::agent::test {
namespace {

using ContextHandle = Handle<SSL_CTX, SSL_CTX_free>;
using ConnectionHandle = Handle<SSL, SSL_free>;
using ExtensionHandle = Handle<X509_EXTENSION, X509_EXTENSION_free>;

Descriptor listening(std::uint16_t& port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* any = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(socket.get(), any, length) != 0 || ::listen(socket.get(), 16) != 0 ||
      ::getsockname(socket.get(), any, &length) != 0)
    throw std::runtime_error("cannot listen");
  port = ntohs(address.sin_port);
  return socket;
}

int accept_any(X509_STORE_CTX*, void*) {
  return 1;
}

std::string value_of(const std::string& head, const std::string& field) {
  const auto at = head.find("\r\n" + field + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + field.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string common_name(const SSL* connection) {
  const CertificateHandle peer(SSL_get1_peer_certificate(connection));
  std::array<char, 256> name{};
  if (peer)
    X509_NAME_get_text_by_NID(X509_get_subject_name(peer.get()), NID_commonName, name.data(),
                              static_cast<int>(name.size()));
  return name.data();
}

Heard hear(SSL* connection) {
  std::string text;
  std::array<char, 4096> piece{};
  std::size_t head_end = std::string::npos, wanted = 0;
  while (head_end == std::string::npos || text.size() < wanted) {
    const int got = SSL_read(connection, piece.data(), static_cast<int>(piece.size()));
    if (got <= 0) return {};
    text.append(piece.data(), static_cast<std::size_t>(got));
    head_end = text.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    const std::string length = value_of(text.substr(0, head_end + 2), "Content-Length");
    wanted = head_end + 4 + (length.empty() ? 0 : std::stoul(length));
  }
  const auto blank = text.find(' '), second = text.find(' ', blank + 1);
  return {.method = text.substr(0, blank),
          .target = text.substr(blank + 1, second - blank - 1),
          .body = text.substr(head_end + 4),
          .authorization = value_of(text.substr(0, head_end + 2), "Authorization"),
          .peer = common_name(connection)};
}

}  // namespace

engine::Bytes self_signed(const PrivateKey& key, const std::string& name, long from_seconds,
                          long to_seconds) {
  const CertificateHandle made(require(X509_new(), "make a certificate"));
  X509* certificate = made.get();
  require(X509_set_version(certificate, 2) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(certificate), from_seconds) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(certificate), to_seconds) != nullptr &&
              X509_set_pubkey(certificate, key.handle()) == 1,
          "make a certificate");
  X509_NAME* subject = X509_get_subject_name(certificate);
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, octets(name),
                                     static_cast<int>(name.size()), -1, 0) == 1 &&
              X509_set_issuer_name(certificate, subject) == 1,
          "name a certificate");
  const ExtensionHandle address(require(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"), "name an address"));
  require(X509_add_ext(certificate, address.get(), -1) == 1 &&
              X509_sign(certificate, key.handle(), EVP_sha256()) > 0,
          "sign a certificate");
  const BioHandle out(require(BIO_new(BIO_s_mem()), "write a certificate"));
  require(PEM_write_bio_X509(out.get(), certificate) == 1, "write a certificate");
  return engine::Bytes(written(out.get()));
}

HttpsService::HttpsService(Handler handler)
    : handler_(std::move(handler)),
      listener_(listening(port_)),
      certificate_(self_signed(key_, "server")),
      thread_([this] { accept_until_closed(); }) {}

HttpsService::~HttpsService() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  next_.release(1'000);
}

std::vector<Heard> HttpsService::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void HttpsService::accept_until_closed() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    const Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    answer(socket);
    ERR_clear_error();
  }
}

void HttpsService::answer(const Descriptor& socket) {
  const auto chain = read_certificates(certificate_, 1);
  const ContextHandle context(require(SSL_CTX_new(TLS_server_method()), "serve"));
  require(SSL_CTX_use_certificate(context.get(), chain->front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key_.handle()) == 1,
          "serve");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), accept_any, nullptr);
  const ConnectionHandle connection(require(SSL_new(context.get()), "serve"));
  require(SSL_set_fd(connection.get(), socket.get()) == 1, "serve");
  if (SSL_accept(connection.get()) != 1) return;
  const Heard request = hear(connection.get());
  {
    const std::lock_guard lock(mutex_);
    heard_.push_back(request);
  }
  bool first = true;
  for (const auto& piece : handler_(request)) {
    if (!std::exchange(first, false)) next_.acquire();
    if (SSL_write(connection.get(), piece.data(), static_cast<int>(piece.size())) <= 0) return;
  }
  SSL_shutdown(connection.get());
}

std::string ok(const std::string& body, const std::string& status) {
  return "HTTP/1.1 " + status +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string chunk(const std::string& text) {
  constexpr auto digits = "0123456789abcdef";
  std::string size;
  for (auto rest = text.size(); rest > 0; rest /= 16) size.insert(size.begin(), digits[rest % 16]);
  return size + "\r\n" + text + "\r\n";
}

}  // namespace csrflow::agent::test
