// How many files and connections the process may have open.
#pragma once

#include <cstddef>

namespace csrflow::tools {

/// Raises the limit to what the system lets this process have; how many connections then fit beside the files
/// that csrflow itself needs, at most `wanted`.
std::size_t make_room_for_connections(std::size_t wanted);

}  // namespace csrflow::tools
