// `csrflow timers`: what is due when and why, and when any certificate would rotate.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/commands.hpp"

namespace CLI {
class App;
}

namespace csrflow::tools {

struct TimersOptions {
  std::filesystem::path data;
  std::optional<std::uint64_t> limit;
  Output output = Output::table;
};
/// Reads beside a running server, or with none running.
ExitCode timers(const TimersOptions&);

struct TimersDueOptions {
  std::string stream, serial;          ///< `csr/web-1`; hex, with or without colons
  std::string not_before, not_after;   ///< of the certificate; RFC 3339
  std::string issued_at, known_since;  ///< RFC 3339; empty: as notBefore, in time
  std::optional<std::filesystem::path> policy;
  bool bulk = false, canary = false;
  Output output = Output::table;
};
/// Needs neither server nor directory.
ExitCode timers_due(const TimersDueOptions&);

struct TimerOptions {
  TimersOptions list;
  TimersDueOptions due;
};
void add_timers(CLI::App& app, TimerOptions&, ExitCode&);

}  // namespace csrflow::tools
