// Notifications and what became of them, for somebody who looks beside a running server, or with none
// running.
#pragma once

#include <string>
#include <vector>

#include "engine/delivery.hpp"
#include "store/data_directory.hpp"

namespace csrflow::store {

enum class WhichDeliveries : std::uint8_t { open, all };

struct DeliveryList {
  struct Entry {
    engine::StreamId stream;
    engine::DeliveryState state;  ///< `queued` is there
  };
  std::vector<Entry> deliveries;  ///< in the order of the events that they tell of
  /// Why the view was not used and all deliveries were read instead; empty: it was used, or all were asked
  /// for.
  std::string read_all_because;
};

/// As of the log's head. `open`: those that wait and those that are dead. Changes nothing. Throws StoreError,
/// engine::LogFailure, engine::UnreadableEvent.
DeliveryList list_deliveries(const DataFiles&, WhichDeliveries);

}  // namespace csrflow::store
