// Waiting for the views.
#pragma once

#include <future>

#include "engine/views.hpp"
#include "store/error.hpp"

namespace csrflow::store {

/// Until they show everything up to `position`. Throws StoreError when they end before.
inline void wait_until_reached(engine::ObjectViews& views, engine::Position position) {
  std::promise<void> promise;
  auto reached = promise.get_future();
  views.when_reached(position, [promise = std::move(promise)]() mutable { promise.set_value(); });
  try {
    reached.get();
  } catch (const std::future_error&) {
    throw StoreError("the views ended before they reached position " + std::to_string(position.value));
  }
}

}  // namespace csrflow::store
