// A notification as a mail to an SMTP server (RFC 5321), which carries it on.
#pragma once

#include <functional>

#include "engine/notification.hpp"

namespace csrflow::notify {

constexpr engine::Duration mail_limit = engine::seconds(60);

/// Taken when the server has answered the message with 250. The message goes to every address that the server
/// accepts; `complain` hears of the others. A server that refuses all of them, the sender or the message with
/// 5yz refuses for good; whatever else is tried again. The password is its file's first line. With start_tls,
/// nothing is sent to a server without TLS; a login without TLS is only for this machine itself. Thread-safe.
std::expected<void, engine::DeliveryFailure> send_mail(
    const engine::Mail&, const engine::Notification&, const std::function<void(const std::string&)>& complain,
    const std::stop_token&, engine::Duration limit = mail_limit);

}  // namespace csrflow::notify
