// Who wants to hear of which events: the port through which the writer fills the outbox.
#pragma once

#include "engine/record.hpp"

namespace csrflow::engine {

struct Subscriptions {
  virtual ~Subscriptions() = default;
  /// What is queued in the transaction of this record: one for each sink that wants to hear of it. Called on
  /// the writer's thread, after the followers have heard of everything before; must not block.
  virtual std::vector<QueueDelivery> wanted(const Record&) const = 0;
};

}  // namespace csrflow::engine
