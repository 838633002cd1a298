// Objects that nobody stores: they are made from the log when somebody asks. Events and namespaces.
#pragma once

#include "api/query.hpp"
#include "api/resource.hpp"
#include "api/watch_events.hpp"
#include "engine/ports.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

bool is_derived(const Resource&);

/// What a list wants to see besides its selector.
struct ListWish {
  std::optional<engine::Position> at;  ///< as it was there; nothing: now
  std::string name_after;              ///< goes on after this one
  std::optional<std::size_t> limit;
};

/// Of a derived resource; for workers.
engine::ObjectList derived_list(const Resource&, engine::EventReader&, const WatchSelector&, const ListWish&,
                                engine::Timestamp now);
std::optional<engine::ObjectRow> derived_object(const Resource&, engine::EventReader&,
                                                const std::string& name);

}  // namespace csrflow::api
