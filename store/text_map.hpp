// Maps of texts as JSON objects, so that SQLite's JSON functions can look into them.
#pragma once

#include <string>

#include "engine/types.hpp"

namespace csrflow::store {

std::string to_text(const engine::StringMap&);
/// Throws StoreError when it is not one.
engine::StringMap map_from_text(const std::string&);

}  // namespace csrflow::store
