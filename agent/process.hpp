// Runs a program to its end, or ends it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::agent {

struct ProcessOrder {
  std::vector<std::string> argv;         ///< the program is looked up in PATH when it has no slash; no shell
  std::vector<std::string> environment;  ///< `NAME=value`; nothing else is handed on
  engine::Duration time, grace;          ///< after `time` its process group gets TERM, after `grace` KILL
  std::size_t max_output = 0;            ///< bytes; the end of longer output is kept
};
struct ProcessEnd {
  int exit_code = 0;      ///< when `signal` is 0
  int signal = 0;         ///< that ended it
  bool too_long = false;  ///< it had to be ended
  std::string output;     ///< both streams
};

/// Its standard input is empty. What it leaves running in the background is left alone, unless it took too
/// long. The error says why it could not be started.
std::expected<ProcessEnd, std::string> run_process(const ProcessOrder&);

}  // namespace csrflow::agent
