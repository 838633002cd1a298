#include "agent/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "agent/descriptor.hpp"

// The header of glibc 2.36 does not say that it is C.
extern "C" {
#include <sys/pidfd.h>
}

namespace csrflow::agent {
namespace {

using Instant = std::chrono::steady_clock::time_point;

Instant after(engine::Duration duration) {
  return std::chrono::steady_clock::now() + std::chrono::microseconds(duration.microseconds);
}

/// For poll: never negative, so never for ever.
int milliseconds_until(Instant instant) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(instant - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

/// What the child is like at its start: a process group of its own, no signals blocked or ignored.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

class SpawnStreams {
 public:
  explicit SpawnStreams(int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
  }
  SpawnStreams(const SpawnStreams&) = delete;
  SpawnStreams& operator=(const SpawnStreams&) = delete;
  ~SpawnStreams() { ::posix_spawn_file_actions_destroy(&actions_); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

/// A child that is waited for: it is a zombie, whose number nobody else can have, until `end` has taken it.
class Child {
 public:
  Child(pid_t pid, Descriptor process, Descriptor output, std::size_t max_output)
      : pid_(pid), process_(std::move(process)), output_(std::move(output)), max_output_(max_output) {}

  /// Takes in output until the child has ended, or until the instant: then false.
  bool ended_by(Instant instant) {
    while (true) {
      std::array<pollfd, 2> sources{{{process_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}}};
      const int ready = ::poll(sources.data(), sources.size(), milliseconds_until(instant));
      if (ready > 0 && sources[1].revents != 0) take_output();
      if (ready > 0 && sources[0].revents != 0) return true;
      if (ready == 0 && std::chrono::steady_clock::now() >= instant) return false;
    }
  }
  void signal_group(int number) const { ::kill(-pid_, number); }
  ProcessEnd end() {
    take_output();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
            .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
            .too_long = false,
            .output = std::move(text_)};
  }

 private:
  void take_output() {
    std::array<char, 4096> buffer{};
    // At most this much at a time: a program that never stops writing does not hold up its time limit.
    for (int turns = 16; output_ && turns > 0; --turns) {
      const auto count = ::read(output_.get(), buffer.data(), buffer.size());
      if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) output_.close();
      if (count <= 0) return;
      text_.append(buffer.data(), static_cast<std::size_t>(count));
      if (text_.size() > max_output_) text_.erase(0, text_.size() - max_output_);
    }
  }

  pid_t pid_;
  Descriptor process_, output_;
  std::size_t max_output_;
  std::string text_;
};

std::string why(int error_number) {
  return std::strerror(error_number);
}

std::expected<Child, std::string> start(const ProcessOrder& order) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected("no pipe: " + why(errno));
  Descriptor reading(ends[0]), writing(ends[1]);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
  const SpawnAttributes attributes;
  const SpawnStreams streams(writing.get());
  const auto argv = pointers(order.argv), environment = pointers(order.environment);
  pid_t pid = -1;
  const int failed =
      ::posix_spawnp(&pid, argv[0], streams.get(), attributes.get(), argv.data(), environment.data());
  if (failed != 0) return std::unexpected(order.argv.front() + " cannot be started: " + why(failed));
  Descriptor process(::pidfd_open(pid, 0));
  if (!process) {
    const int error_number = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return std::unexpected(order.argv.front() + " cannot be watched: " + why(error_number));
  }
  return Child(pid, std::move(process), std::move(reading), order.max_output);
}

}  // namespace

std::expected<ProcessEnd, std::string> run_process(const ProcessOrder& order) {
  auto child = start(order);
  if (!child) return std::unexpected(child.error());
  if (child->ended_by(after(order.time))) return child->end();
  child->signal_group(SIGTERM);
  const bool gave_in = child->ended_by(after(order.grace));
  child->signal_group(SIGKILL);
  if (!gave_in)
    while (!child->ended_by(after(order.grace))) continue;
  ProcessEnd end = child->end();
  end.too_long = true;
  return end;
}

}  // namespace csrflow::agent
