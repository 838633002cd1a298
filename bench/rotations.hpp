// Rotations as the log has them.
#pragma once

#include <filesystem>
#include <unordered_map>
#include <vector>

#include "bench/figures.hpp"
#include "engine/event.hpp"

namespace csrflow::bench {

struct Rotations {
  struct Times {
    engine::Timestamp begun, rotated;  ///< 0: not yet
  };
  std::unordered_map<std::string, Times> by_stream;
  std::size_t done = 0;
  engine::Timestamp first_begun, last_rotated;
  engine::Position read_to;

  /// Those that are done, from the first one's begin to the last one's end.
  double per_second() const;
};

/// Reads on in the log of `data`, from `read_to`.
void read_rotations(const std::filesystem::path& data, Rotations&);

/// All events of one rotation that is done: of the certificate's stream those after it was signed, and all of
/// its successor's. Throws std::runtime_error when there is none.
std::vector<engine::StoredEvent> events_of_one(const std::filesystem::path& data, const Rotations&);

}  // namespace csrflow::bench
