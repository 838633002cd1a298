#include "notify/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <system_error>

#include "notify/descriptor.hpp"

// The header of glibc 2.36 does not say that it is C.
extern "C" {
#include <sys/pidfd.h>
}

namespace csrflow::notify {
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

std::string why(int error_number) {
  return std::generic_category().message(error_number);
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
  SpawnStreams(int input, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    // Descriptors of this process that are not close-on-exec are none of the program's business.
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
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

/// A file in memory, not a pipe: a program that does not read its input holds nobody up.
Descriptor input_of(const std::string& text) {
  Descriptor file(::memfd_create("notification", MFD_CLOEXEC));
  if (!file) return {};
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t n = ::write(file.get(), text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return {};
    written += static_cast<std::size_t>(n);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return {};
  return file;
}

/// A child that is waited for: it is a zombie, whose number nobody else can have, until `end` has taken it.
class Child {
 public:
  Child(pid_t pid, Descriptor process, Descriptor output, std::size_t max_output)
      : pid_(pid), process_(std::move(process)), output_(std::move(output)), max_output_(max_output) {}

  enum class Woken { ended, time_over, wake };
  /// Takes in output until the child has ended, the instant has come, or `wake` (-1: none) can be read.
  Woken wait(Instant instant, int wake) {
    while (true) {
      std::array<pollfd, 3> sources{
          {{process_.get(), POLLIN, 0}, {output_.get(), POLLIN, 0}, {wake, POLLIN, 0}}};
      const int ready = ::poll(sources.data(), sources.size(), milliseconds_until(instant));
      if (ready > 0 && sources[1].revents != 0) take_output();
      if (ready > 0 && sources[0].revents != 0) return Woken::ended;
      if (ready > 0 && sources[2].revents != 0) return Woken::wake;
      if (std::chrono::steady_clock::now() >= instant) return Woken::time_over;
    }
  }
  void signal_group(int number) const { ::kill(-pid_, number); }
  ProcessEnd end(ProcessEnd::By by) {
    take_output();
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
    return {.by = by,
            .exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
            .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
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
      text_.append(buffer.data(), std::min(static_cast<std::size_t>(count), max_output_ - text_.size()));
    }
  }

  pid_t pid_;
  Descriptor process_, output_;
  std::size_t max_output_;
  std::string text_;
};

std::expected<Child, std::string> start(const ProcessOrder& order) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected("no pipe: " + why(errno));
  Descriptor reading(ends[0]), writing(ends[1]);
  ::fcntl(reading.get(), F_SETFL, O_NONBLOCK);
  const Descriptor input = input_of(order.input);
  if (!input) return std::unexpected("no memory for its input: " + why(errno));
  const SpawnAttributes attributes;
  const SpawnStreams streams(input.get(), writing.get());
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

std::expected<ProcessEnd, std::string> run_process(const ProcessOrder& order, const std::stop_token& stop) {
  const Descriptor wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake) return std::unexpected("no descriptor: " + why(errno));
  const std::stop_callback on_stop(stop, [&] { ::eventfd_write(wake.get(), 1); });
  auto child = start(order);
  if (!child) return std::unexpected(child.error());
  const auto woken = child->wait(after(order.time), wake.get());
  if (woken == Child::Woken::ended) return child->end(ProcessEnd::By::itself);
  child->signal_group(SIGTERM);
  const bool gave_in = child->wait(after(order.grace), -1) == Child::Woken::ended;
  child->signal_group(SIGKILL);
  if (!gave_in)
    while (child->wait(after(order.grace), -1) != Child::Woken::ended) continue;
  return child->end(woken == Child::Woken::wake ? ProcessEnd::By::stop : ProcessEnd::By::time_limit);
}

}  // namespace csrflow::notify
