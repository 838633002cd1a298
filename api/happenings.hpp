// What csrflow itself did about requests, as Kubernetes events: its signer's refusals, rotations and alerts;
// and what hosts report of their certificates. They are read from the log when somebody asks; nothing is
// stored for them, and nothing else that came through the API is among them.
#pragma once

#include "api/resource.hpp"
#include "engine/ports.hpp"
#include "engine/record.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

/// Without an object's name only what happened in this time is listed, as Kubernetes keeps events for an
/// hour.
constexpr engine::Duration recent_happenings = engine::seconds(3600);
/// And at most so many records of the log are looked at for it.
constexpr std::size_t most_looked_at = 50'000;

/// `events` of core/v1 and of events.k8s.io/v1: the same happenings in two forms. Read-only.
const Resource& core_events();
const Resource& grouped_events();

/// An event of the log as an event of this resource; nothing for what is no happening.
std::optional<engine::ObjectRow> happening(const Resource&, const engine::StoredEvent&);
std::optional<engine::ObjectRow> happening(const Resource&, const engine::Record&);

/// Of one request, oldest first; all that history knows.
std::vector<engine::ObjectRow> happenings_of(const Resource&, engine::EventReader&,
                                             const std::string& request);
/// Of all requests, after one position and up to another, oldest first.
std::vector<engine::ObjectRow> happenings_between(const Resource&, engine::EventReader&,
                                                  engine::Position after, engine::Position until);
/// The last position whose event was recorded before `since`.
engine::Position last_before(engine::EventReader&, engine::Timestamp since);
/// The position in the log that a happening's name ends with; nothing when it is no such name.
std::optional<engine::Position> position_of_happening(std::string_view name);
/// By its own name.
std::optional<engine::ObjectRow> happening_named(const Resource&, engine::EventReader&,
                                                 const std::string& name);

}  // namespace csrflow::api
