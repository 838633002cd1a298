// Commands that speak to a running server, which alone writes the log.
#pragma once

#include <iostream>
#include <string>

#include "tools/commands.hpp"

namespace csrflow::tools {

/// Why a command ends without having done anything.
struct Failure {
  ExitCode code;
  std::string text;
};

/// The answer's body, a JSON object, of a request that the server did. Throws Failure, with the server's own
/// words where it has some.
std::string ask(const ServerAccess&, const std::string& method, const std::string& path,
                const std::string& body = {});

/// Runs `act`; a Failure becomes a line on standard error and the exit code.
template <class Act>
ExitCode told(Act act) {
  try {
    act();
    return ExitCode::done;
  } catch (const Failure& failure) {
    std::cerr << "csrflow: " << failure.text << '\n';
    return failure.code;
  }
}

}  // namespace csrflow::tools
