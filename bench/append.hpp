// How fast one thread appends to the event log, with nothing around it.
#pragma once

#include <filesystem>

#include "bench/figures.hpp"
#include "engine/event.hpp"

namespace csrflow::bench {

/// One event's share of a durable commit of 64 certificates. `certificate`: the events of one whole
/// workflow, of one stream or several; they are written again and again under other names. `directory` is
/// made.
Microseconds append(const std::filesystem::path& directory,
                    const std::vector<engine::StoredEvent>& certificate, Seconds time);

/// A durable commit of one event, the request's first: what a client alone waits for, three times.
Microseconds commit_alone(const std::filesystem::path& directory,
                          const std::vector<engine::StoredEvent>& certificate, Seconds time);

}  // namespace csrflow::bench
