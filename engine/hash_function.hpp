#pragma once

#include <string_view>

#include "engine/types.hpp"

namespace csrflow::engine {

/// SHA-256 of the bytes; pure.
using HashFunction = Sha256 (*)(std::string_view bytes);

}  // namespace csrflow::engine
