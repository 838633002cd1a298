// Options that many commands have, with the same words.
#pragma once

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

/// `-o,--output`
void add_output(CLI::App*, Output&);

}  // namespace csrflow::tools
