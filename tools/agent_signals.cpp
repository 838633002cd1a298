#include "tools/agent_signals.hpp"

#include <ctime>

namespace csrflow::tools {
namespace {

// How long the end of the program may have to wait for the thread.
constexpr timespec look_up{.tv_sec = 0, .tv_nsec = 200'000'000};

}  // namespace

AgentSignals::AgentSignals(std::function<void()> ending) : ending_(std::move(ending)) {
  sigemptyset(&signals_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  thread_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
}

std::stop_token AgentSignals::begin_run() {
  const std::lock_guard lock(mutex_);
  if (!ended_) run_ = std::stop_source();
  return run_.get_token();
}

bool AgentSignals::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void AgentSignals::listen(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const int signal = sigtimedwait(&signals_, nullptr, &look_up);
    if (signal < 0) continue;
    const bool end = signal != SIGHUP;
    std::stop_source run;
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = end && !ended_;
      ended_ = ended_ || end;
      run = run_;
    }
    if (first) ending_();
    run.request_stop();
  }
}

}  // namespace csrflow::tools
