#include "tools/colour.hpp"

#include <unistd.h>

#include <cstdlib>

namespace csrflow::tools {
namespace {

bool shows_colours() {
  static const bool shows = [] {
    const char* none = std::getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) == 1 && (none == nullptr || *none == '\0');
  }();
  return shows;
}

}  // namespace

std::string coloured(std::string_view text, Colour colour) {
  if (!shows_colours()) return std::string(text);
  const std::string_view code = colour == Colour::red ? "31" : colour == Colour::green ? "32" : "33";
  return "\x1b[" + std::string(code) + 'm' + std::string(text) + "\x1b[0m";
}

}  // namespace csrflow::tools
