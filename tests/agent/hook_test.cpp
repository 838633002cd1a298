#include "agent/hook.hpp"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>

#include "tests/agent/folder.hpp"
#include "tests/catch.hpp"

namespace csrflow::agent {
namespace {

using Catch::Matchers::Contains;
using test::contents;
using test::Folder;

const std::vector<HookSubject> web{{"web-1", "/var/lib/csrflow-agent/web-1/current", {"\x7f\x01"}}};

std::expected<void, HookFailure> run(const Hook& hook, std::span<const HookSubject> subjects = web,
                                     HookEvent event = HookEvent::installed) {
  return SystemHooks().run(hook, subjects, event);
}
/// A program that is a shell script here; hooks themselves know no shell.
CommandHook script(const std::string& text) {
  return {{"/bin/sh", "-c", text}};
}

/// A variable of the environment, put back at the end.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_CASE("a hook is told which certificate, where, and what happened") {
  const Folder folder;
  const auto out = folder / "told";
  const auto hook =
      script("echo \"$CSRFLOW_NAME|$CSRFLOW_DIR|$CSRFLOW_SERIAL|$CSRFLOW_EVENT\" > " + out.string());
  REQUIRE(run(hook));
  CHECK(contents(out) == "web-1|/var/lib/csrflow-agent/web-1/current|7f01|installed\n");
  REQUIRE(run(hook, web, HookEvent::rolled_back));
  CHECK_THAT(contents(out), Contains("|rolled-back\n"));
  const std::vector<HookSubject> both{{"web-1", "/a/current", {"\x01"}}, {"mail-1", "/b/current", {"\x02"}}};
  REQUIRE(run(hook, both));
  CHECK(contents(out) == "web-1 mail-1|/a/current:/b/current|01 02|installed\n");
}

TEST_CASE("of the agent's environment only what programs need is handed on") {
  const Folder folder;
  const Variable secret("CREDENTIALS_DIRECTORY", "/run/credentials"), zone("TZ", "Europe/Berlin");
  REQUIRE(run(CommandHook{{"/bin/sh", "-c", "env > " + (folder / "env").string()}}));
  CHECK_THAT(contents(folder / "env"), !Contains("CREDENTIALS_DIRECTORY") && Contains("TZ=Europe/Berlin"));
}

TEST_CASE("arguments are no shell's") {
  const Folder folder;
  const auto odd = (folder / "a b; $(c)").string();
  REQUIRE(run(CommandHook{{"touch", odd}}));
  CHECK(std::filesystem::exists(odd));
}

TEST_CASE("a hook that fails says how, with what it printed") {
  const auto failed = run(script("echo out; echo err >&2; exit 3"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "/bin/sh ended with exit code 3");
  CHECK(failed.error().output == "out\nerr\n");
  CHECK(run(script("kill -USR1 $$")).error().message ==
        "/bin/sh was ended by signal " + std::to_string(SIGUSR1));
}

TEST_CASE("a hook that is not there says so") {
  CHECK_THAT(run(CommandHook{{"/none/reload"}}).error().message,
             Contains("/none/reload cannot be started: No such file or directory"));
}

TEST_CASE("of long output the end is kept") {
  const auto failed = run(script("head -c 100000 /dev/zero | tr '\\0' x; echo the end; exit 1"));
  REQUIRE_FALSE(failed);
  CHECK(failed.error().output.size() == max_hook_output);
  CHECK(failed.error().output.ends_with("xthe end\n"));
}

TEST_CASE("a hook has nothing to read") {
  CHECK(run(script("test -z \"$(cat)\"")));
}

TEST_CASE("a hook that takes too long is ended, with all that it started") {
  const Folder folder;
  SystemHooks hurried({.time = {100'000}, .grace = engine::seconds(30)});
  // The first sleep ends by TERM, the second would write the file.
  const auto failed =
      hurried.run(script("sleep 1000; echo late > " + (folder / "late").string()), web, HookEvent::installed);
  REQUIRE_FALSE(failed);
  CHECK_THAT(failed.error().message, Contains("/bin/sh took longer than") && Contains("and was ended"));
  CHECK_FALSE(std::filesystem::exists(folder / "late"));
}

TEST_CASE("a hook that does not heed TERM is killed") {
  SystemHooks hurried({.time = engine::seconds(1), .grace = {100'000}});
  const auto failed =
      hurried.run(script("trap '' TERM; echo deaf; while :; do sleep 1000; done"), web, HookEvent::installed);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().output == "deaf\n");
}

TEST_CASE("what a hook leaves in the background is not waited for") {
  const Folder folder;
  REQUIRE(run(script("sleep 1000 & echo $! > " + (folder / "pid").string())));
  const pid_t left = std::stoi(contents(folder / "pid"));
  CHECK(::kill(left, SIGKILL) == 0);
}

TEST_CASE("signals blocked or ignored in the agent are not so in the hook") {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &term, &before);
  const auto ended = run(script("kill -TERM $$; echo still here"));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(ended.error().message == "/bin/sh was ended by signal " + std::to_string(SIGTERM));
}

/// A program that waits for signals.
class Service {
 public:
  explicit Service(const Folder& folder) : pid_file(folder / "service.pid") {
    const auto ready = (folder / "ready").string(), hung = (folder / "hung-up").string();
    std::string text =
        "trap 'echo HUP > " + hung + "; exit 0' HUP; echo > " + ready + "; while :; do sleep 0.05; done";
    std::string shell = "/bin/sh", option = "-c";
    char* argv[] = {shell.data(), option.data(), text.data(), nullptr};
    char* environment[] = {nullptr};
    REQUIRE(::posix_spawn(&pid_, "/bin/sh", nullptr, nullptr, argv, environment) == 0);
    while (!std::filesystem::exists(ready)) REQUIRE(::waitpid(pid_, nullptr, WNOHANG) == 0);
    test::put(pid_file, std::to_string(pid_) + "\n");
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() { end(); }
  void end() {
    if (pid_ <= 0) return;
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  std::filesystem::path pid_file;

 private:
  pid_t pid_ = -1;
};

TEST_CASE("a signal reaches the process of the pid file") {
  const Folder folder;
  Service service(folder);
  REQUIRE(run(SignalHook{service.pid_file, "HUP"}));
  service.end();
  CHECK(contents(folder / "hung-up") == "HUP\n");
  CHECK_THAT(run(SignalHook{service.pid_file, "HUP"}).error().message, Contains("does not run"));
}

TEST_CASE("a pid file that names no process is refused") {
  const Folder folder;
  const auto refusal = [&](const std::string& text) {
    test::put(folder / "pid", text);
    return run(SignalHook{folder / "pid", "HUP"}).error().message;
  };
  CHECK_THAT(run(SignalHook{folder / "none", "HUP"}).error().message, Contains("no process to signal"));
  CHECK_THAT(refusal(""), Contains("no process to signal"));
  for (const char* text : {"web", "0", "1", "-1", "-500", "99999999999999999999"})
    CHECK_THAT(refusal(text), Contains("does not hold the number of a process"));
}

TEST_CASE("a unit is reloaded by systemctl") {
  const Folder folder;
  test::put(folder / "systemctl", "#!/bin/sh\necho \"$@\" > " + (folder / "asked").string() + "\n", 0755);
  const Variable path("PATH", (folder / "").string() + ":/usr/bin:/bin");
  REQUIRE(run(UnitHook{"nginx.service"}));
  CHECK(contents(folder / "asked") == "--no-ask-password reload nginx.service\n");
  REQUIRE(run(UnitHook{"postgresql@15-main.service", "restart"}));
  CHECK(contents(folder / "asked") == "--no-ask-password restart postgresql@15-main.service\n");
}

TEST_CASE("hooks that cannot run are refused before they are needed") {
  CHECK_FALSE(refusal_of(NoHook()));
  CHECK_FALSE(refusal_of(script("true")));
  CHECK_THAT(*refusal_of(CommandHook{}), Contains("command is empty"));
  CHECK_THAT(*refusal_of(CommandHook{{""}}), Contains("command is empty"));
  CHECK_THAT(*refusal_of(CommandHook{std::vector<std::string>(max_hook_arguments + 1, "x")}),
             Contains("more than 64"));
  CHECK_THAT(*refusal_of(CommandHook{{"a", std::string("b\0c", 3)}}), Contains("NUL byte"));
  CHECK_THAT(*refusal_of(SignalHook{"", "HUP"}), Contains("no pidFile"));
  CHECK_THAT(*refusal_of(SignalHook{"/run/x.pid", "KILL"}), Contains("\"KILL\"") && Contains("HUP, USR1"));
  CHECK_THAT(*refusal_of(UnitHook{"--force"}), Contains("no name of a systemd unit"));
  CHECK_THAT(*refusal_of(UnitHook{"nginx.service;"}), Contains("no name of a systemd unit"));
  CHECK_THAT(*refusal_of(UnitHook{"nginx.service", "stop"}),
             Contains("\"stop\"") && Contains("reload, restart"));
  CHECK(run(UnitHook{"-x"}).error().message == *refusal_of(UnitHook{"-x"}));
  CHECK(run(NoHook()));
}

}  // namespace
}  // namespace csrflow::agent
