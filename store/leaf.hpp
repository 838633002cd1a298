// An event's entry in the Merkle tree.
#pragma once

#include <string>
#include <string_view>

#include "engine/event.hpp"

namespace csrflow::store {

/// What the log keeps of the payload for ever. `salt` has 16 bytes.
engine::Sha256 hash_of_context(std::string_view salt, std::string_view context);
engine::Sha256 hash_of_data(std::string_view salt, std::string_view data);

/// The entry's text; needs the hashes, never the payload.
std::string entry_text(const engine::StoredEvent&);
/// The leaf's hash (RFC 6962 2.1).
engine::Sha256 leaf_hash(std::string_view entry);

}  // namespace csrflow::store
