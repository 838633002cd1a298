#include "notify/messenger.hpp"

#include "engine/overloaded.hpp"
#include "notify/local_command.hpp"
#include "notify/mail.hpp"
#include "notify/webhook.hpp"

namespace csrflow::notify {

std::expected<void, engine::DeliveryFailure> SystemMessenger::deliver(
    const engine::Destination& destination, const engine::Notification& notification, std::stop_token stop) {
  const auto complain = [&](const std::string& why) { complain_(notification.id + ": " + why); };
  try {
    return std::visit(
        engine::overloaded{
            [&](const engine::Webhook& webhook) {
              return post_webhook(webhook, notification, clock_.now(), stop);
            },
            [&](const engine::Mail& mail) { return send_mail(mail, notification, complain, stop); },
            [&](const engine::LocalCommand& command) { return run_command(command, notification, stop); },
        },
        destination);
  } catch (const std::exception& error) {
    return std::unexpected(engine::DeliveryFailure{error.what(), false});
  }
}

}  // namespace csrflow::notify
