// The server's side of TLS: versions, ALPN, and client certificates that are asked for but judged later.
#pragma once

#include <memory>
#include <string>

#include "api/http.hpp"
#include "api/openssl_handles.hpp"

namespace csrflow::api {

using TlsContext = std::unique_ptr<SSL_CTX, FreeHandle<SSL_CTX_free>>;

/// TLS 1.2 and 1.3 with this certificate (PEM, leaf first) and key (PEM). Every client certificate is
/// accepted in the handshake, since a bad one is an answer 401 and not a broken connection. `client_cas`
/// (PEM) are the names that the server tells clients to choose by. Throws std::runtime_error when the PEM
/// does not fit.
TlsContext server_tls_context(const std::string& chain_pem, const std::string& key_pem,
                              const std::string& client_cas);

/// What the client presented; null when nothing.
std::shared_ptr<const PeerCertificates> peer_certificates(const SSL*);

}  // namespace csrflow::api
