// Rows to append, for tests of the log alone: their data is not an engine's event.
#pragma once

#include "engine/ports.hpp"

namespace csrflow::store::test {

constexpr engine::Timestamp some_time{1'790'000'000'000'000};

inline engine::NewEvent event(const std::string& stream, std::uint64_t version,
                              const std::string& data = "{}") {
  engine::NewEvent event{.stream = {stream}, .version = {version}, .type = "created"};
  event.recorded_at = some_time;
  event.context = R"({"actor":{"user":"jane"}})";
  event.data = data;
  event.salt.fill(static_cast<std::uint8_t>(version));
  return event;
}

}  // namespace csrflow::store::test
