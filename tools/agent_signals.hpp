// SIGTERM and SIGINT end the agent, SIGHUP makes it read its configuration again: both as stop tokens.
#pragma once

#include <signal.h>

#include <functional>
#include <mutex>
#include <thread>

namespace csrflow::tools {

/// Takes the signals from construction on, for threads that are started later, too.
class AgentSignals {
 public:
  /// `ending` is called once, on the thread of the signals, when the agent is told to end.
  explicit AgentSignals(std::function<void()> ending);

  /// Stopped by the next signal. Each run has its own.
  std::stop_token begin_run();
  bool ended() const;

 private:
  void listen(const std::stop_token&);

  std::function<void()> ending_;
  sigset_t signals_{};
  mutable std::mutex mutex_;
  std::stop_source run_;  // guarded by mutex_
  bool ended_ = false;    // guarded by mutex_
  std::jthread thread_;
};

}  // namespace csrflow::tools
