// The outbox: one stream `delivery/<sink>/<position>` for each piece of news and receiver. It is queued in
// the transaction of the event that it tells of, so that nothing is told that did not happen, nothing is
// lost, and each is sent once for its cause.
#pragma once

#include "engine/csr.hpp"
#include "engine/notification.hpp"

namespace csrflow::engine {

struct Queued {
  std::string sink;
  Notification notification;
  // The sink's rule for trying again, as it is now.
  Duration base = seconds(10), cap = seconds(3600);
  std::uint32_t attempts = 20;  ///< after so many it is dead
};
struct Delivered {
  std::uint32_t attempt = 1;
};
struct DeliveryFailed {
  std::uint32_t attempt = 1;
  std::string message;
  bool dead = false;  ///< the last one: kept, and sent again only when a person asks
};
/// A person wants a dead one sent again.
struct Requeued {
  std::string user;
};
using DeliveryEvent = std::variant<Queued, Delivered, DeliveryFailed, Requeued>;

struct DeliveryState {
  Version version;
  std::optional<Queued> queued;
  Position cause;         ///< of `queued`, or of the last `requeued`
  Timestamp queued_time;  ///< of the same
  std::uint32_t attempts = 0;
  std::optional<Timestamp> failed_at;
  std::string failure;  ///< of the last attempt
  bool delivered = false, dead = false;

  bool waits() const { return queued && !delivered && !dead; }
};

using QueueDelivery = Queued;
struct RecordDelivered {
  std::uint32_t attempt = 1;
};
struct RecordDeliveryFailed {
  std::uint32_t attempt = 1;
  std::string message;
  bool lasting = false;
};
struct Redeliver {};
using DeliveryCommand = std::variant<QueueDelivery, RecordDelivered, RecordDeliveryFailed, Redeliver>;

std::expected<std::vector<DeliveryEvent>, Refusal> decide(const StreamId&, const DeliveryState&,
                                                          const DeliveryCommand&, const Facts&);
DeliveryState evolve(DeliveryState, const DeliveryEvent&, const Stamp&);

StreamId delivery_stream(std::string_view sink, Position cause);

/// When it is tried next; nothing when it does not wait.
std::optional<Timestamp> next_try(const StreamId&, const DeliveryState&, HashFunction);

}  // namespace csrflow::engine
