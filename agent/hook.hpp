// What a host does when its certificates have changed: a program, a signal, a reload of a systemd unit.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/types.hpp"

namespace csrflow::agent {

constexpr std::size_t max_hook_output = 4096;  // bytes; the end of longer output is kept
constexpr std::size_t max_hook_arguments = 64;

/// How long a program may run: then its process group gets TERM, and after `grace` KILL.
struct HookLimits {
  engine::Duration time = engine::seconds(30);
  engine::Duration grace = engine::seconds(5);
};

struct NoHook {
  bool operator==(const NoHook&) const = default;
};
/// Program and arguments; no shell.
struct CommandHook {
  std::vector<std::string> argv;
  bool operator==(const CommandHook&) const = default;
};
/// `name` without SIG: HUP, USR1, USR2, TERM, INT, QUIT, WINCH.
struct SignalHook {
  std::filesystem::path pid_file;
  std::string name;
  bool operator==(const SignalHook&) const = default;
};
/// Runs `systemctl ACTION UNIT`; the action is reload, restart, reload-or-restart, try-restart, or start.
struct UnitHook {
  std::string unit;
  std::string action = "reload";
  bool operator==(const UnitHook&) const = default;
};
/// Equal hooks of certificates that arrive together run once.
using Hook = std::variant<NoHook, CommandHook, SignalHook, UnitHook>;
/// A sentence for a hook that cannot run: an empty command, an unknown signal, a unit's name that systemd
/// does not allow.
std::optional<std::string> refusal_of(const Hook&);

/// What a hook is told, as CSRFLOW_NAME, CSRFLOW_DIR, CSRFLOW_SERIAL and CSRFLOW_EVENT. Of several
/// certificates, names and serials (lower-case hex) are separated by blanks, directories by colons.
struct HookSubject {
  std::string name;
  std::filesystem::path directory;  ///< `…/current`
  engine::Serial serial;
};
enum class HookEvent { installed, rolled_back };
/// `installed`, `rolled-back`.
std::string_view name_of(HookEvent);

struct HookFailure {
  std::string message;  ///< a sentence: `nginx ended with exit code 1`
  std::string output;   ///< both streams, at most max_hook_output
};

struct HookRunner {
  virtual ~HookRunner() = default;
  /// Blocks until the hook has ended. Of the agent's environment only PATH, HOME, LANG, LC_ALL and TZ are
  /// handed on.
  virtual std::expected<void, HookFailure> run(const Hook&, std::span<const HookSubject>, HookEvent) = 0;
};

class SystemHooks : public HookRunner {
 public:
  explicit SystemHooks(HookLimits limits = {}) : limits_(limits) {}
  std::expected<void, HookFailure> run(const Hook&, std::span<const HookSubject>, HookEvent) override;

 private:
  HookLimits limits_;
};

}  // namespace csrflow::agent
