// The rotation rules that stand, made for whoever follows the log: the writer, and the views.
#pragma once

#include "policies/rotation_book.hpp"

namespace csrflow::tools {

/// What the books ask about requests and signers.
policies::RotationSources rotation_sources();

}  // namespace csrflow::tools
