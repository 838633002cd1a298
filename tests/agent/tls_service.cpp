#include "tests/agent/tls_service.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>

#include "agent/certificate.hpp"

namespace csrflow::agent::test {
namespace {

using ContextHandle = Handle<SSL_CTX, SSL_CTX_free>;
using ConnectionHandle = Handle<SSL, SSL_free>;

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

}  // namespace

TlsService::TlsService(Options options)
    : options_(std::move(options)), listener_(listening(port_)), thread_([this] { accept_until_closed(); }) {}

TlsService::~TlsService() {
  ::shutdown(listener_.get(), SHUT_RDWR);
}

void TlsService::serve(const PrivateKey& key, const engine::Bytes& certificate_pem) {
  const std::lock_guard lock(mutex_);
  key_ = engine::Bytes(key.pem().view());
  certificate_ = certificate_pem;
}

std::string TlsService::asked_for() const {
  const std::lock_guard lock(mutex_);
  return asked_for_;
}

void TlsService::accept_until_closed() {
  // OpenSSL writes to sockets whose other end may have gone.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    const Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) return;
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (!options_.before_tls || options_.before_tls(socket.get())) answer(socket);
  }
}

void TlsService::answer(const Descriptor& socket) {
  const std::lock_guard lock(mutex_);
  const auto key = PrivateKey::read(key_);
  const auto chain = read_certificates(certificate_, max_chain_length);
  const ContextHandle context(require(SSL_CTX_new(TLS_server_method()), "serve"));
  require(key && chain && SSL_CTX_use_certificate(context.get(), chain->front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context.get(), key->handle()) == 1 &&
              SSL_CTX_set_max_proto_version(context.get(), options_.max_version) == 1,
          "serve");
  if (options_.asks_for_client_certificate)
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  const ConnectionHandle connection(require(SSL_new(context.get()), "serve"));
  require(SSL_set_fd(connection.get(), socket.get()) == 1, "serve");
  SSL_accept(connection.get());
  const char* name = SSL_get_servername(connection.get(), TLSEXT_NAMETYPE_host_name);
  asked_for_ = name == nullptr ? "" : name;
  ERR_clear_error();
}

void say(int socket, std::string_view text) {
  if (::send(socket, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("cannot send");
}

std::string hear_line(int socket) {
  std::string line;
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) == 1) {
    line += byte;
    if (byte == '\n') break;
  }
  return line;
}

}  // namespace csrflow::agent::test
