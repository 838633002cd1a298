// A notification as a mail (RFC 5322), in UTF-8.
#pragma once

#include "engine/notification.hpp"

namespace csrflow::notify {

/// One address as `jane@example.com`: an addr-spec (RFC 5322 3.4.1) of printable ASCII with a dot-atom before
/// the `@`. Nothing in it can end a header or an SMTP command.
bool is_address(std::string_view text);

/// Header and body with CR LF line ends, ASCII only, no line longer than 78 bytes but those that hold one
/// address. The addresses are good.
/// Date and Message-ID follow from the notification: each try sends the same message.
std::string mail_message(const engine::Mail&, const engine::Notification&);

}  // namespace csrflow::notify
