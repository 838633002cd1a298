#include "engine/scheduler.hpp"

#include <algorithm>
#include <future>

#include "engine/catch_up.hpp"
#include "engine/rotation.hpp"

namespace csrflow::engine {
namespace {

/// What is handed to a worker is not handed twice while it works.
constexpr Duration signing_work = seconds(10), delivery_work = seconds(120);

Context context_of(const Timer& timer, HashFunction hash) {
  return {.actor = system_actor(actor_of(timer.kind)),
          .source = {},
          .command = command_id(timer, hash),
          .cause = {},
          .correlation = {},
          .program = {}};
}

}  // namespace

Scheduler::Scheduler(std::unique_ptr<TimerSource> source, Writer& writer, const Clock& clock,
                     HashFunction hash, Workers workers, Complain complain)
    : source_(std::move(source)),
      writer_(writer),
      clock_(clock),
      hash_(hash),
      workers_(std::move(workers)),
      complain_(std::move(complain)) {}

Scheduler::~Scheduler() {
  stop();
}

void Scheduler::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Scheduler::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Scheduler::run(std::stop_token stop) {
  bool recovered = false;
  while (!stop.stop_requested()) {
    Duration wait = longest_sleep;
    try {
      if (!recovered) recover();
      recovered = true;
      tick();
      wait = until_next_look();
    } catch (const std::exception& e) {
      complain_(std::string("the scheduler cannot read its timers: ") + e.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::microseconds(wait.microseconds), [] { return false; });
  }
}

Duration Scheduler::until_next_look() {
  Timestamp now = clock_.now();
  auto next = source_->next_after(now);
  if (!next) return longest_sleep;
  return std::clamp(*next - now, Duration{0}, longest_sleep);
}

std::size_t Scheduler::tick() {
  source_->reach(writer_.head());
  std::size_t limit = timers_per_tick + deferred_.size();
  std::vector<Timer> due = source_->due(clock_.now(), limit);
  if (due.size() < limit) forget_all_but(due);
  return fire(std::move(due));
}

/// A timer that is gone from the view needs no memory of its failures.
void Scheduler::forget_all_but(const std::vector<Timer>& due) {
  std::set<Key> there;
  for (const Timer& t : due) there.insert(key_of(t));
  std::erase_if(deferred_, [&](const auto& held) { return !there.contains(held.first); });
}

std::size_t Scheduler::recover() {
  source_->reach(writer_.head());
  std::size_t fired = 0;
  std::vector<Timer> left = source_->unfinished();
  for (std::size_t i = 0; i < left.size(); i += timers_per_tick) {
    std::size_t end = std::min(left.size(), i + timers_per_tick);
    fired += fire(
        {left.begin() + static_cast<std::ptrdiff_t>(i), left.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  return fired;
}

std::size_t Scheduler::fire(std::vector<Timer> timers) {
  Timestamp now = clock_.now();
  std::erase_if(timers, [&](const Timer& t) { return deferred(t, now); });
  std::ranges::sort(timers, [now](const Timer& a, const Timer& b) { return goes_before(a, b, now); });
  if (timers.size() > timers_per_tick) timers.resize(timers_per_tick);

  struct Sent {
    Timer timer;
    std::future<std::expected<Outcome, Refusal>> outcome;
  };
  std::vector<Sent> sent;
  std::vector<Submission> submissions;
  for (Timer& timer : timers) {
    auto state = source_->state(timer.stream);
    if (hand_over(timer, *state, now)) continue;
    auto command = command_of(timer, *state);
    if (!command) {
      defer(timer, longest_sleep, now);
      continue;
    }
    std::promise<std::expected<Outcome, Refusal>> promise;
    sent.push_back({timer, promise.get_future()});
    submissions.push_back({timer.stream, std::move(*command), context_of(timer, hash_), false,
                           [promise = std::move(promise)](std::expected<Outcome, Refusal> outcome) mutable {
                             promise.set_value(std::move(outcome));
                           }});
  }
  writer_.submit(std::move(submissions));
  for (Sent& one : sent) finished(one.timer, one.outcome.get(), now);
  return timers.size();
}

bool Scheduler::hand_over(const Timer& timer, const State& state, Timestamp now) {
  if (auto task = signing_task(timer, state)) {
    workers_.sign(std::move(*task));
    defer(timer, signing_work, now);
    return true;
  }
  if (auto task = delivery_task(timer, state)) {
    workers_.deliver(std::move(*task));
    defer(timer, delivery_work, now);
    return true;
  }
  return false;
}

void Scheduler::finished(const Timer& timer, const std::expected<Outcome, Refusal>& outcome, Timestamp now) {
  if (outcome && !outcome->records.empty()) {
    deferred_.erase(key_of(timer));
    return;
  }
  if (outcome) {
    defer(timer, longest_sleep, now);
    return;
  }
  complain_(timer.stream.text + ": " + std::string(name_of(timer.kind)) +
            " has to wait: " + outcome.error().message);
  Deferred& held = deferred_[key_of(timer)];
  held.failures++;
  held.until = now + retry_wait(timer.stream, held.failures, hash_);
}

bool Scheduler::deferred(const Timer& timer, Timestamp now) const {
  auto it = deferred_.find(key_of(timer));
  return it != deferred_.end() && now < it->second.until;
}

void Scheduler::defer(const Timer& timer, Duration wait, Timestamp now) {
  deferred_[key_of(timer)].until = now + wait;
}

}  // namespace csrflow::engine
