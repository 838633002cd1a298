// The namespaces that every cluster has, for clients that ask for them. Nothing can be made in them and no
// more can be made: what csrflow serves is cluster-scoped, and its events are in `default`.
#pragma once

#include "api/resource.hpp"
#include "engine/ports.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

/// `namespaces` of core/v1, read-only.
const Resource& namespaces();

/// All, by name. They are as old as the log, and their uids are its own.
std::vector<engine::ObjectRow> namespace_rows(engine::EventReader&);

}  // namespace csrflow::api
