// The commands that ask the past: which decisions would differ, who could, who broke the glass.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

struct PolicyReplayOptions {
  std::filesystem::path data;
  std::vector<std::filesystem::path> policies;
  std::vector<std::filesystem::path> signers;  ///< whose lifetimes stand for those of the time
  bool only = false, cascade = false;
  std::string since, until;  ///< RFC 3339, or a date
  std::string signer;
  unsigned threads = 0;  ///< 0: as many as the machine has cores
  Output output = Output::table;
};
/// Exit code 3 when the policies of the time do not say again what they said.
ExitCode policy_replay(const PolicyReplayOptions&);

struct WhoCouldOptions {
  std::filesystem::path data;
  std::string verb, signer;
  std::string at;  ///< RFC 3339, or a date: its end; empty: now
  Output output = Output::table;
};
ExitCode who_could(const WhoCouldOptions&);

/// `csrflow log --break-glass`.
ExitCode break_glass_log(const LogOptions&);

struct PastOptions {
  PolicyReplayOptions replay;
  WhoCouldOptions who_could;
};
/// After `policy` was added.
void add_past(CLI::App& app, PastOptions&, ExitCode&);

}  // namespace csrflow::tools
