// A list as it was at an earlier position: today's rows, with those that changed since as they were then.
#pragma once

#include "api/resource.hpp"
#include "engine/ports.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

/// The rows of `query` at `at`, which must be committed and shown by the views. Reads the log from there on,
/// so its time grows with how long ago it was. Blocks; for workers. Throws what the log or the views throw.
engine::ObjectList list_at(const Resource&, engine::ObjectViews&, const engine::EventLog&,
                           engine::Position at, const engine::ListQuery& query);

}  // namespace csrflow::api
