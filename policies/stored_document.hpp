#pragma once

#include "engine/config.hpp"

namespace csrflow::policies {

/// The whole document of a stored object, for the functions that read documents.
std::string document_of(const engine::ConfigObject&, std::string_view kind = "ApprovalPolicy");

}  // namespace csrflow::policies
