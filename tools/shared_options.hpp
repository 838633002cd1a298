// Options that many commands have, with the same words.
#pragma once

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

/// `-o,--output`
void add_output(CLI::App*, Output&);
/// `--kubeconfig`, `--data`
void add_access(CLI::App*, ServerAccess&);

}  // namespace csrflow::tools
