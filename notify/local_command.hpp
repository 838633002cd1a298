// A notification as the standard input of a program on this machine: one line of JSON.
#pragma once

#include "engine/notification.hpp"

namespace csrflow::notify {

constexpr engine::Duration command_grace = engine::seconds(3);  ///< between TERM and KILL
constexpr int exit_again = 75;                                  ///< EX_TEMPFAIL of sysexits.h

/// Taken when it ends with 0; whatever else is tried again, and the first line of its output is the reason.
/// Of the environment it has PATH, HOME, LANG, LC_ALL and TZ, and besides CSRFLOW_NOTIFICATION (the id) and
/// CSRFLOW_EVENT. Thread-safe.
std::expected<void, engine::DeliveryFailure> run_command(const engine::LocalCommand&,
                                                         const engine::Notification&, const std::stop_token&,
                                                         engine::Duration grace = command_grace);

}  // namespace csrflow::notify
