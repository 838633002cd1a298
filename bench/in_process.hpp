// The workflow without HTTP.
#pragma once

#include <filesystem>

#include "bench/figures.hpp"
#include "bench/in_process_clients.hpp"
#include "engine/event.hpp"

namespace csrflow::bench {

/// `directory` is made. Throws std::runtime_error when any step of any client fails.
std::vector<Sample> in_process(const std::filesystem::path& directory, unsigned clients, Seconds warm_up,
                               Seconds time, Window&);

/// `clients` times `wanted.each` certificates, named `bench-0-1` to `bench-<clients - 1>-<each>`.
void store_certificates(const std::filesystem::path& directory, unsigned clients, Wanted wanted);

/// The stored events of one certificate, as a workflow writes them.
std::vector<engine::StoredEvent> stored_certificate(const std::filesystem::path& directory);

}  // namespace csrflow::bench
