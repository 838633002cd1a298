// What the installer works with, played: hooks, services, time.
#pragma once

#include "agent/installer.hpp"
#include "tests/agent/authority.hpp"

namespace csrflow::agent::test {

/// Time passes by sleeping only.
class FakeHostClock : public HostClock {
 public:
  engine::Timestamp now() const override { return now_; }
  bool sleep(engine::Duration duration, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    now_ = now_ + duration;
    if (on_sleep) on_sleep();
    return true;
  }
  void set(engine::Timestamp now) { now_ = now; }
  std::function<void()> on_sleep;

 private:
  engine::Timestamp now_ = noon;
};

/// What hooks were told.
class FakeHooks : public HookRunner {
 public:
  struct Told {
    std::string names, serials;
    HookEvent event;
    bool operator==(const Told&) const = default;
  };
  std::expected<void, HookFailure> run(const Hook&, std::span<const HookSubject> subjects,
                                       HookEvent event) override {
    Told told{{}, {}, event};
    for (const HookSubject& subject : subjects) {
      told.names += (told.names.empty() ? "" : " ") + subject.name;
      told.serials += (told.serials.empty() ? "" : " ") + subject.serial.hex();
    }
    calls.push_back(told);
    if (on_run) on_run();
    if (event == HookEvent::installed && failure) return std::unexpected(*failure);
    if (event == HookEvent::rolled_back && second_failure) return std::unexpected(*second_failure);
    return {};
  }
  std::optional<HookFailure> failure, second_failure;
  std::function<void()> on_run;
  std::vector<Told> calls;
};

/// Serves whatever `served` says for a host's name.
class FakeProber : public Prober {
 public:
  std::expected<engine::Bytes, std::string> served_leaf(const Probe& probe, engine::Duration) override {
    ++attempts;
    return served(probe);
  }
  std::function<std::expected<engine::Bytes, std::string>(const Probe&)> served = [](const Probe&) {
    return std::unexpected(std::string("nothing listens"));
  };
  int attempts = 0;
};

}  // namespace csrflow::agent::test
