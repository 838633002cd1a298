// Parts of a length of time, in integers: the same on every machine.
#pragma once

#include "engine/types.hpp"

namespace csrflow::engine {

__extension__ using Wide = unsigned __int128;

constexpr std::int64_t million = 1'000'000;

/// length × millionths / 10^6, rounded down; both ≥ 0.
constexpr Duration part_of(Duration length, std::int64_t millionths) {
  const Wide product = static_cast<Wide>(length.microseconds) * static_cast<Wide>(millionths);
  return {static_cast<std::int64_t>(product / million)};
}

/// The point that `h` chooses in [0, length): (h × length) >> 64; 0 where there is no length.
constexpr Duration point_in(Duration length, std::uint64_t h) {
  if (length.microseconds <= 0) return {};
  return {static_cast<std::int64_t>(static_cast<Wide>(h) * static_cast<Wide>(length.microseconds) >> 64)};
}

}  // namespace csrflow::engine
