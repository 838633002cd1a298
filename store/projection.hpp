// A projection: tables of views.db, and what one event does to them.
#pragma once

#include "engine/record.hpp"

namespace csrflow::store {

/// Belongs to the thread of its connection. `apply` is called for every event of the log, in order, `finish`
/// at the end of each batch, in the transaction that also moves the position on. Pure: no clock, no chance;
/// the tables after the same events are the same, however the events were cut into batches.
struct Projection {
  virtual ~Projection() = default;
  virtual void apply(const engine::Record&) = 0;
  virtual void finish() {}
};

}  // namespace csrflow::store
