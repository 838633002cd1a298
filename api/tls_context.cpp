#include "api/tls_context.hpp"

#include <openssl/pem.h>

#include <algorithm>

namespace csrflow::api {
namespace {

void use_chain(SSL_CTX* context, const std::string& pem) {
  const auto bio = bio_over(pem);
  const auto leaf = next_certificate(bio.get());
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1)
    refuse("the server's certificate cannot be used");
  while (auto more = next_certificate(bio.get())) {
    if (SSL_CTX_add1_chain_cert(context, more.get()) != 1) refuse("the server's chain cannot be used");
  }
}

void use_key(SSL_CTX* context, const std::string& pem) {
  const auto bio = bio_over(pem);
  const KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) refuse("the server's key cannot be used");
  if (SSL_CTX_check_private_key(context) != 1) refuse("the server's key does not fit its certificate");
}

void name_client_cas(SSL_CTX* context, const std::string& pem) {
  const auto bio = bio_over(pem);
  while (const auto ca = next_certificate(bio.get())) {
    if (SSL_CTX_add_client_CA(context, ca.get()) != 1) refuse("a client CA cannot be named");
  }
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned int length, void*) {
  static constexpr unsigned char http_1_1[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, http_1_1, sizeof http_1_1 - 1, offered, length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int accept_any(X509_STORE_CTX*, void*) {
  return 1;
}

std::string der(X509* certificate) {
  std::string bytes(static_cast<std::size_t>(std::max(i2d_X509(certificate, nullptr), 0)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(bytes.data());
  if (bytes.empty() || i2d_X509(certificate, &at) <= 0) refuse("a client certificate cannot be encoded");
  return bytes;
}

std::string digest_of(const std::vector<std::string>& chain) {
  std::string all;
  for (const auto& certificate : chain) all += certificate;
  return sha256_hex(all);
}

}  // namespace

TlsContext server_tls_context(const std::string& chain_pem, const std::string& key_pem,
                              const std::string& client_cas) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  if (!context) refuse("no TLS context");
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) refuse("TLS 1.2 cannot be set");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // No resumption: a resumed session would carry a client certificate without its chain.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), accept_any, nullptr);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  use_chain(context.get(), chain_pem);
  use_key(context.get(), key_pem);
  name_client_cas(context.get(), client_cas);
  return context;
}

std::shared_ptr<const PeerCertificates> peer_certificates(const SSL* session) {
  const CertificateHandle leaf(SSL_get1_peer_certificate(session));
  if (!leaf) return nullptr;
  auto peer = std::make_shared<PeerCertificates>();
  peer->chain.push_back(der(leaf.get()));
  // On the server's side the chain that OpenSSL keeps is without the leaf.
  const auto* others = SSL_get_peer_cert_chain(session);
  for (int i = 0; i < sk_X509_num(others); ++i) peer->chain.push_back(der(sk_X509_value(others, i)));
  peer->digest = digest_of(peer->chain);
  return peer;
}

}  // namespace csrflow::api
