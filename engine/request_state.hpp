// Where a request is, in one word.
#pragma once

#include <string_view>

#include "engine/csr.hpp"

namespace csrflow::engine {

/// Of the live object: `pending`, `approved` (and not yet issued), `issued`, `expired`, `denied` or `failed`;
/// empty where there is none. A certificate outweighs the conditions. Pure.
std::string_view state_of(const CsrState&);

}  // namespace csrflow::engine
