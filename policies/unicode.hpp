// What of Unicode names need, which signers need, too.
#pragma once

#include "engine/unicode.hpp"

namespace csrflow::policies {

using engine::nfc;
using engine::to_a_labels;
using engine::unicode_version;

}  // namespace csrflow::policies
