// Proof that whoever held an old key wants a certificate over a new one.
#pragma once

#include "engine/ports.hpp"

namespace csrflow::signer {

/// PkixInspector::check_rekey. Thread-safe.
std::expected<void, std::string> verify_rekey(const engine::RekeyClaim&);

}  // namespace csrflow::signer
