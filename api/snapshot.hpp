// A list as it was at an earlier position: today's rows, with those that changed since as they were then.
#pragma once

#include <memory>

#include "api/resource.hpp"
#include "engine/ports.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

/// Reads lists at one position, piece by piece; what changed since is read once. Belongs to one thread at a
/// time; blocks. What it refers to outlives it. Throws what the log or the views throw.
class Snapshot {
 public:
  /// `at` must be committed and shown by the views.
  Snapshot(const Resource&, engine::ObjectViews&, const engine::EventLog&, engine::Position at);
  ~Snapshot();

  /// Nothing before `query.name_after` is asked for again.
  engine::ObjectList list(const engine::ListQuery& query);

 private:
  class Changes;

  engine::ObjectViews& views_;
  const engine::Position at_;
  const std::unique_ptr<Changes> changes_;
};

/// The rows of `query` at `at`, which must be committed and shown by the views. Reads the log from there on,
/// so its time grows with how long ago it was. Blocks; for workers. Throws what the log or the views throw.
engine::ObjectList list_at(const Resource&, engine::ObjectViews&, const engine::EventLog&,
                           engine::Position at, const engine::ListQuery& query);

}  // namespace csrflow::api
