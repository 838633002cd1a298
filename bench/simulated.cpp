#include "bench/simulated.hpp"

#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <thread>

#include "bench/repeat.hpp"
#include "bench/rotations.hpp"
#include "store/object_reader.hpp"
#include "store/timer_source.hpp"

namespace csrflow::bench {

using namespace engine;

namespace {

constexpr Seconds read_time{0.5};
constexpr Duration before_it_begins = seconds(3600);
constexpr std::chrono::milliseconds longest_rest{20};
constexpr std::chrono::seconds quiet{1};
constexpr std::size_t all = SIZE_MAX >> 1;

void tell(const std::string& why) {
  std::cerr << why << std::endl;
}

Seconds real(Duration duration) {
  return std::chrono::microseconds(duration.microseconds);
}

}  // namespace

// ---- the clock ----------------------------------------------------------------------------------

Timestamp SimulatedClock::now() const {
  const std::lock_guard lock(mutex_);
  const auto real = std::chrono::duration_cast<std::chrono::microseconds>(bench::Clock::now() - since_);
  return speed_ == 0 ? at_ : at_ + Duration{real.count() * speed_};
}

void SimulatedClock::set(Timestamp at, int speed) {
  const std::lock_guard lock(mutex_);
  at_ = at;
  since_ = bench::Clock::now();
  speed_ = speed;
}

// ---- the server ---------------------------------------------------------------------------------

SimulatedServer::SimulatedServer(const std::filesystem::path& data, Timestamp at)
    : data_(data), clock_(at), office_(data, clock_, {}, tell), scheduler_(office_.make_scheduler(tell)) {
  scheduler_->recover();
  settle();
}

void SimulatedServer::settle() {
  for (auto quiet_since = Clock::now(); Clock::now() - quiet_since < quiet;) {
    if (scheduler_->tick() > 0)
      quiet_since = Clock::now();
    else
      std::this_thread::sleep_for(longest_rest);
  }
}

Timestamp SimulatedServer::first_rotation() const {
  const auto views = store::open_views(office_.files());
  return {views->execAndGet("SELECT min(due) FROM timer WHERE kind = 'rotate'").getInt64()};
}

IdleTicks SimulatedServer::idle(unsigned ticks) {
  IdleTicks idle;
  Microseconds whole{};
  for (unsigned i = 0; i < ticks; ++i) {
    const auto begun = Clock::now();
    if (scheduler_->tick() > 0) throw std::runtime_error("something was due in a tick that should be idle");
    const Microseconds took = Clock::now() - begun;
    whole += took;
    idle.worst = std::max(idle.worst, took);
  }
  idle.average = whole / ticks;

  const auto views = store::open_views(office_.files());
  SQLite::Statement next(*views, "SELECT min(due) FROM timer WHERE due > ?1");
  next.bind(1, clock_.now().microseconds);
  idle.read = average(read_time, [&] {
    next.executeStep();
    next.reset();
  });
  return idle;
}

std::unordered_map<std::string, Timestamp> SimulatedServer::rotations_until(Timestamp end) {
  store::SqliteTimerSource timers(office_.files(), office_.views(), office_.log().reader());
  std::unordered_map<std::string, Timestamp> due;
  for (const Timer& timer : timers.due(end, all))
    if (timer.kind == TimerKind::rotate) due[timer.stream.text] = timer.due;
  return due;
}

void SimulatedServer::run(int speed, Seconds time) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
  while (Clock::now() < end) {
    scheduler_->tick();
    const std::chrono::microseconds rest(scheduler_->until_next_look().microseconds / speed);
    std::this_thread::sleep_for(std::min<Clock::duration>(rest, longest_rest));
  }
}

SteadyState SimulatedServer::steady(int speed, Seconds time) {
  const Timestamp begin = first_rotation();
  clock_.set(begin - before_it_begins, 0);
  settle();
  const Timestamp end = begin + Duration{static_cast<std::int64_t>(Microseconds(time).count()) * speed};
  const auto due = rotations_until(end);
  Rotations rotations{.read_to = office_.writer().head()};

  clock_.set(begin, speed);
  run(speed, time);
  clock_.set(end, 0);
  const std::uint64_t memory = own_memory();

  read_rotations(data_, rotations);
  SteadyState steady{.memory_kib = memory};
  std::vector<Duration> late;
  for (const auto& [stream, instant] : due) {
    const auto found = rotations.by_stream.find(stream);
    if (found == rotations.by_stream.end() || found->second.rotated == Timestamp{})
      ++steady.left;
    else
      late.push_back(found->second.rotated - instant);
  }
  if (late.empty()) throw std::runtime_error("nothing has rotated in the steady state");
  std::ranges::sort(late);
  const auto quantile = [&](double part) {
    return real(late[static_cast<std::size_t>(part * static_cast<double>(late.size() - 1))]);
  };
  steady.due_per_second = static_cast<double>(due.size()) / time.count();
  steady.done_per_second = static_cast<double>(late.size()) / time.count();
  steady.p50 = quantile(0.50);
  steady.p99 = quantile(0.99);
  steady.worst = quantile(1);
  return steady;
}

std::uint64_t own_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoull(line.substr(line.find_first_of("0123456789")));
  throw std::runtime_error("/proc/self/status says nothing of memory");
}

}  // namespace csrflow::bench
