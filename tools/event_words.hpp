// An event in a person's words.
#pragma once

#include <string>

#include "engine/event.hpp"

namespace csrflow::tools {

/// For a terminal: control characters, and those that turn the direction of writing, are blanks.
std::string printable(std::string text);

/// Who did it: `carol`, `csrflow:signer`, `csrflow:rotation for jane`.
std::string who(const engine::Context&, const engine::Event&);
/// What it says and why, on one line.
std::string words(const engine::Event&);

}  // namespace csrflow::tools
