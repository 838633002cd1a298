// A notification as an HTTP POST.
//
//   POST <url>
//   Content-Type: application/json
//   Csrflow-Notification: ops/4711
//   Csrflow-Timestamp: 1788264000                    seconds since 1970, of this try
//   Csrflow-Signature: sha256=<64 hex digits>        when there is a secret
//
//   {"apiVersion":"csrflow.io/v1","kind":"Notification",…}
//
// The signature is HMAC-SHA256 (RFC 2104) over `<timestamp>.<body>` with the secret file's bytes as key, so
// that a receiver can tell that it is csrflow's, whole, and not an old one sent again by somebody else.
#pragma once

#include "engine/notification.hpp"
#include "engine/ports.hpp"

namespace csrflow::notify {

constexpr engine::Duration webhook_limit = engine::seconds(30);

/// 2xx is taken. 408, 425, 429, 5xx, redirections, and a server that cannot be reached or does not answer in
/// time are tried again; any other 4xx is for good. http:// is refused but to this machine itself.
/// Thread-safe.
std::expected<void, engine::DeliveryFailure> post_webhook(const engine::Webhook&, const engine::Notification&,
                                                          engine::Timestamp now, const std::stop_token&,
                                                          engine::Duration limit = webhook_limit);

/// `sha256=<hex>` over `<timestamp>.<body>`.
std::string webhook_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

}  // namespace csrflow::notify
