// The newest state of one object, wherever it is found first.
#pragma once

#include "api/call.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

class FoundObject {
 public:
  explicit FoundObject(RecentObject recent) : recent_(std::move(recent)) {}
  explicit FoundObject(engine::ObjectRow row) : row_(std::move(row)) {}

  engine::Position version() const;
  const std::string& tail() const { return row_ ? row_->tail : *recent_->tail; }
  /// The whole object as JSON.
  std::string document(const Resource& resource) const { return resource.object_head() + tail(); }
  engine::ObjectRow row() const;
  /// As a value: a state with the object, its version and what is rendered of it, and nothing besides. Parses
  /// when it came from the views. Throws when they hold what cannot be read.
  std::shared_ptr<const engine::State> state(const Resource&) const;

 private:
  std::optional<RecentObject> recent_;  // one of the two
  std::optional<engine::ObjectRow> row_;
};

/// Looks among the recent objects, on this thread, else in the views, on a worker, once they show what is
/// committed now.
void find_object(const CallPtr&, std::move_only_function<void(std::optional<FoundObject>)>);

}  // namespace csrflow::api
