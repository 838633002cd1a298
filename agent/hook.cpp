#include "agent/hook.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "agent/process.hpp"
#include "engine/overloaded.hpp"

namespace csrflow::agent {
namespace {

using engine::overloaded;
using Outcome = std::expected<void, HookFailure>;

constexpr std::pair<std::string_view, int> signals[] = {
    {"HUP", SIGHUP}, {"USR1", SIGUSR1}, {"USR2", SIGUSR2},   {"TERM", SIGTERM},
    {"INT", SIGINT}, {"QUIT", SIGQUIT}, {"WINCH", SIGWINCH},
};
constexpr std::string_view actions[] = {"reload", "restart", "reload-or-restart", "try-restart", "start"};
constexpr const char* inherited[] = {"PATH", "HOME", "LANG", "LC_ALL", "TZ"};
constexpr std::size_t max_unit_name = 255;  // systemd.unit(5)
constexpr std::size_t max_pid_digits = 16;

bool is_unit_name(std::string_view name) {
  constexpr std::string_view further = ":-_.\\@";
  const auto allowed = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           further.find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= max_unit_name && name.front() != '-' &&
         std::ranges::all_of(name, allowed);
}

template <typename Part>
std::string joined(std::span<const HookSubject> subjects, char separator, Part part) {
  std::string text;
  for (const HookSubject& subject : subjects) {
    if (!text.empty()) text += separator;
    text += part(subject);
  }
  return text;
}

std::vector<std::string> environment(std::span<const HookSubject> subjects, HookEvent event) {
  std::vector<std::string> variables;
  for (const char* name : inherited)
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  variables.push_back("CSRFLOW_NAME=" + joined(subjects, ' ', [](auto& s) { return s.name; }));
  variables.push_back("CSRFLOW_DIR=" + joined(subjects, ':', [](auto& s) { return s.directory.string(); }));
  variables.push_back("CSRFLOW_SERIAL=" + joined(subjects, ' ', [](auto& s) { return s.serial.hex(); }));
  variables.push_back("CSRFLOW_EVENT=" + std::string(name_of(event)));
  return variables;
}

std::string in_seconds(engine::Duration duration) {
  return std::to_string(duration.microseconds / engine::seconds(1).microseconds) + " s";
}

Outcome run_command(const std::vector<std::string>& argv, std::span<const HookSubject> subjects,
                    HookEvent event, const HookLimits& limits) {
  const auto end = run_process({.argv = argv,
                                .environment = environment(subjects, event),
                                .time = limits.time,
                                .grace = limits.grace,
                                .max_output = max_hook_output});
  if (!end) return std::unexpected(HookFailure{end.error(), {}});
  if (end->too_long)
    return std::unexpected(HookFailure{
        argv.front() + " took longer than " + in_seconds(limits.time) + " and was ended", end->output});
  if (end->signal != 0)
    return std::unexpected(
        HookFailure{argv.front() + " was ended by signal " + std::to_string(end->signal), end->output});
  if (end->exit_code != 0)
    return std::unexpected(
        HookFailure{argv.front() + " ended with exit code " + std::to_string(end->exit_code), end->output});
  return {};
}

std::expected<pid_t, std::string> read_pid(const std::filesystem::path& path) {
  std::array<char, max_pid_digits> text{};
  std::ifstream file(path);
  file.read(text.data(), text.size());
  if (file.gcount() == 0)
    return std::unexpected("there is no process to signal: " + path.string() + " cannot be read or is empty");
  pid_t pid = 0;
  const auto read = std::from_chars(text.data(), text.data() + file.gcount(), pid);
  // 0 and negative numbers are process groups, 1 is the host.
  if (read.ec != std::errc() || pid <= 1)
    return std::unexpected(path.string() + " does not hold the number of a process");
  return pid;
}

Outcome send_signal(const SignalHook& hook) {
  const auto pid = read_pid(hook.pid_file);
  if (!pid) return std::unexpected(HookFailure{pid.error(), {}});
  const auto known = std::ranges::find(signals, hook.name, [](const auto& s) { return s.first; });
  if (::kill(*pid, known->second) == 0) return {};
  const std::string process = "process " + std::to_string(*pid) + " of " + hook.pid_file.string();
  if (errno == ESRCH) return std::unexpected(HookFailure{process + " does not run", {}});
  if (errno == EPERM)
    return std::unexpected(
        HookFailure{process + " belongs to another user; reload its unit by systemd instead", {}});
  return std::unexpected(HookFailure{process + " cannot be signalled: " + std::strerror(errno), {}});
}

}  // namespace

std::string_view name_of(HookEvent event) {
  return event == HookEvent::installed ? "installed" : "rolled-back";
}

std::optional<std::string> refusal_of(const Hook& hook) {
  using Refusal = std::optional<std::string>;
  return std::visit(
      overloaded{
          [](const NoHook&) { return Refusal(); },
          [](const CommandHook& command) -> Refusal {
            if (command.argv.empty() || command.argv.front().empty()) return "the hook's command is empty";
            if (command.argv.size() > max_hook_arguments)
              return "the hook's command has more than " + std::to_string(max_hook_arguments) + " arguments";
            const auto cut = [](const std::string& text) { return text.find('\0') != std::string::npos; };
            if (std::ranges::any_of(command.argv, cut)) return "the hook's command has a NUL byte in it";
            return std::nullopt;
          },
          [](const SignalHook& signal) -> Refusal {
            if (signal.pid_file.empty()) return "the hook's signal has no pidFile";
            if (std::ranges::none_of(signals, [&](const auto& known) { return known.first == signal.name; }))
              return "there is no signal \"" + signal.name +
                     "\" for a hook; choose one of HUP, USR1, USR2, TERM, INT, QUIT, WINCH";
            return std::nullopt;
          },
          [](const UnitHook& unit) -> Refusal {
            if (!is_unit_name(unit.unit)) return "\"" + unit.unit + "\" is no name of a systemd unit";
            if (std::ranges::find(actions, unit.action) == std::end(actions))
              return "there is no action \"" + unit.action +
                     "\" for a unit; choose one of reload, restart, reload-or-restart, try-restart, start";
            return std::nullopt;
          },
      },
      hook);
}

Outcome SystemHooks::run(const Hook& hook, std::span<const HookSubject> subjects, HookEvent event) {
  if (const auto refusal = refusal_of(hook)) return std::unexpected(HookFailure{*refusal, {}});
  return std::visit(
      overloaded{
          [](const NoHook&) { return Outcome(); },
          [&](const CommandHook& command) { return run_command(command.argv, subjects, event, limits_); },
          [](const SignalHook& signal) { return send_signal(signal); },
          [&](const UnitHook& unit) {
            return run_command({"systemctl", "--no-ask-password", unit.action, unit.unit}, subjects, event,
                               limits_);
          },
      },
      hook);
}

}  // namespace csrflow::agent
