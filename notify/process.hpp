// Runs a program to its end, or ends it.
#pragma once

#include <expected>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::notify {

struct ProcessOrder {
  std::vector<std::string> argv;         ///< the program is looked up in PATH when it has no slash; no shell
  std::vector<std::string> environment;  ///< `NAME=value`; nothing else is handed on
  std::string input;                     ///< its standard input
  engine::Duration time, grace;          ///< after `time` its process group gets TERM, after `grace` KILL
  std::size_t max_output = 0;            ///< bytes; the beginning of longer output is kept
};
struct ProcessEnd {
  enum class By : std::uint8_t { itself, time_limit, stop };
  By by = By::itself;
  int exit_code = 0;   ///< when `signal` is 0
  int signal = 0;      ///< that ended it
  std::string output;  ///< both streams
};

/// Blocks until the program has ended, or was ended. What it leaves running in the background is left alone,
/// unless it had to be ended. The error says why it could not be started.
std::expected<ProcessEnd, std::string> run_process(const ProcessOrder&, const std::stop_token&);

}  // namespace csrflow::notify
