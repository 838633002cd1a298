// The objects of a resource at some position, wherever they come from: the views, the log, or both.
#pragma once

#include "api/derived_objects.hpp"

namespace csrflow::api {

/// Where objects are read. Referred to, not owned.
struct ObjectSources {
  engine::ObjectViews& views;
  const engine::EventLog& log;
  const engine::Clock& clock;
};

/// Blocks; for workers. Throws what the log or the views throw.
engine::ObjectList list_of(const Resource&, const ObjectSources&, const WatchSelector&, const ListWish&);
/// One as it is now.
std::optional<engine::ObjectRow> object_named(const Resource&, const ObjectSources&, const std::string& name);

}  // namespace csrflow::api
