// The ways by which notifications leave this machine, or enter its programs.
#pragma once

#include <functional>

#include "engine/notification.hpp"
#include "engine/ports.hpp"

namespace csrflow::notify {

/// Webhooks, mail and programs, each with a time limit of its own. What it is given outlives it; `complain`
/// is called from the threads that deliver and hears of what a delivery that succeeded left undone.
class SystemMessenger : public engine::Messenger {
 public:
  using Complain = std::function<void(const std::string&)>;
  SystemMessenger(const engine::Clock& clock, Complain complain)
      : clock_(clock), complain_(std::move(complain)) {}

  /// Does not throw.
  std::expected<void, engine::DeliveryFailure> deliver(const engine::Destination&,
                                                       const engine::Notification&, std::stop_token) override;

 private:
  const engine::Clock& clock_;
  const Complain complain_;
};

}  // namespace csrflow::notify
