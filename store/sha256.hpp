// SHA-256 (FIPS 180-4) over libcrypto.
#pragma once

#include <initializer_list>
#include <string_view>

#include "engine/types.hpp"

namespace csrflow::store {

/// Usable as engine::HashFunction. Thread-safe; throws StoreError when libcrypto cannot.
engine::Sha256 sha256(std::string_view bytes);
/// Of the parts, one after another.
engine::Sha256 sha256_of(std::initializer_list<std::string_view> parts);

}  // namespace csrflow::store
