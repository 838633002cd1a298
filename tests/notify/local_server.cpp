#include "tests/notify/local_server.hpp"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace csrflow::notify::test {
namespace {

void require(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("the test's server: ") + what);
}

}  // namespace

ServerIdentity::ServerIdentity(const std::string& name) : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
  constexpr long day = 86'400;
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -day);
  X509_gmtime_adj(X509_getm_notAfter(x509), day);
  X509_set_pubkey(x509, key.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>("example server");
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC, common_name, -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
  const Extension names(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str()));
  require(names && X509_add_ext(x509, names.get(), -1) == 1, "no certificate");
  require(X509_sign(x509, key.get(), EVP_sha256()) > 0, "no signature");
}

std::string ServerIdentity::pem() const {
  const std::unique_ptr<BIO, Freed<BIO_free_all>> memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate.get());
  char* data = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

Connection::~Connection() {
  if (ssl_) SSL_shutdown(ssl_.get());
  ::close(socket_);
}

void Connection::start_tls(const ServerIdentity& identity) {
  context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), socket_);
  require(SSL_accept(ssl_.get()) == 1, "no handshake");
}

char Connection::next() {
  char c = 0;
  const auto count = ssl_ ? SSL_read(ssl_.get(), &c, 1) : static_cast<int>(::read(socket_, &c, 1));
  require(count == 1, "the client has gone");
  return c;
}

std::string Connection::line() {
  std::string text;
  for (char c = next(); c != '\n'; c = next()) text += c;
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

std::string Connection::bytes(std::size_t count) {
  std::string text;
  while (text.size() < count) text += next();
  return text;
}

void Connection::say(const std::string& text) {
  const int length = static_cast<int>(text.size());
  const auto count = ssl_ ? SSL_write(ssl_.get(), text.data(), length)
                          : static_cast<int>(::write(socket_, text.data(), text.size()));
  require(count == length, "the client does not listen");
}

void Connection::wait_until_gone() {
  while (true) next();
}

LocalServer::LocalServer(Serve serve)
    : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), serve_(std::move(serve)) {
  std::signal(SIGPIPE, SIG_IGN);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* place = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listening_, place, length) == 0 && ::listen(listening_, 8) == 0, "no port");
  ::getsockname(listening_, place, &length);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] {
    for (int client; (client = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const timeval patience{.tv_sec = 20, .tv_usec = 0};
      ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      Connection connection(client);
      try {
        serve_(connection);
      } catch (const std::runtime_error&) {
        continue;  // this client has gone; the test sees what came of it
      }
    }
  });
}

LocalServer::~LocalServer() {
  ::shutdown(listening_, SHUT_RDWR);  // ends accept
  thread_.join();
  ::close(listening_);
}

std::string HttpRequest::header(const std::string& name) const {
  const std::string start = "\n" + name + ": ";
  const std::string all = "\n" + headers;
  const std::size_t found = all.find(start);
  if (found == std::string::npos) return {};
  const std::size_t begin = found + start.size();
  return all.substr(begin, all.find('\n', begin) - begin);
}

HttpRequest read_request(Connection& connection) {
  HttpRequest request{.line = connection.line(), .headers = {}, .body = {}};
  for (std::string line = connection.line(); !line.empty(); line = connection.line()) {
    const auto colon = line.begin() + static_cast<std::ptrdiff_t>(std::min(line.find(':'), line.size()));
    std::transform(line.begin(), colon, line.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers += line + "\n";
  }
  request.body = connection.bytes(std::stoul(request.header("content-length")));
  return request;
}

}  // namespace csrflow::notify::test
