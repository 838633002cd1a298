// Colour for people: on a terminal only, and not where NO_COLOR is set.
#pragma once

#include <string>
#include <string_view>

namespace csrflow::tools {

enum class Colour { red, green, yellow };

/// `text` in this colour, if standard output shows colours; else as it is.
std::string coloured(std::string_view text, Colour);

}  // namespace csrflow::tools
