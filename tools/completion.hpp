// Completion scripts for shells, made from the command line's own description.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace csrflow::tools {

struct CommandWords {
  std::string name, about;
  std::vector<std::string> options;  ///< `--data`
};
std::vector<CommandWords> commands_of(const CLI::App&);

/// `shell`: bash, zsh or fish; `program`: what is typed.
std::string completion_script(const std::string& shell, const std::vector<CommandWords>&,
                              const std::string& program = "csrflow");

}  // namespace csrflow::tools
