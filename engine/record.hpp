// One event with all that its followers (views, watches, signer, scheduler, answers) need.
#pragma once

#include <memory>

#include "engine/event.hpp"

namespace csrflow::engine {

struct Record {
  Stamp stamp;
  std::shared_ptr<const Context> context;
  std::shared_ptr<const Event> event;
  /// The stream's state before and after; never null.
  std::shared_ptr<const State> before, after;
  /// For an event that shows an object to clients: its rendered tail (object_json.hpp) as this event left it,
  /// or last had it when the event deletes it. Null for others.
  std::shared_ptr<const std::string> tail;

  // Of a record of a request's stream; null for others. What all objects have is in shown_object.hpp.
  const CsrEvent* csr_event() const { return std::get_if<CsrEvent>(event.get()); }
  const CsrState* csr_before() const { return std::get_if<CsrState>(before.get()); }
  const CsrState* csr_after() const { return std::get_if<CsrState>(after.get()); }
};

/// What one commit made durable, in order.
using Batch = std::vector<Record>;

/// Hears of each commit, in order, on the writer's thread. Must hand over quickly and not throw.
struct Follower {
  virtual ~Follower() = default;
  virtual void committed(const std::shared_ptr<const Batch>&) = 0;
};

}  // namespace csrflow::engine
