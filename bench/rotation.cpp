// Rotation at scale: a server over many active certificates, and the scheduler over the same data.
// README.md says what the figures mean.
#include <csignal>
#include <fstream>
#include <future>
#include <iostream>
#include <optional>
#include <random>
#include <thread>

#include "bench/append.hpp"
#include "bench/figure_table.hpp"
#include "bench/fleet.hpp"
#include "bench/fresh_directory.hpp"
#include "bench/https.hpp"
#include "bench/options.hpp"
#include "bench/p256.hpp"
#include "bench/repeat.hpp"
#include "bench/rotation_policy.hpp"
#include "bench/rotations.hpp"
#include "bench/server_process.hpp"
#include "bench/simulated.hpp"
#include "store/event_reader.hpp"
#include "tools/system_clock.hpp"

namespace {

using namespace csrflow;
using namespace csrflow::bench;

constexpr auto token = "rotation";
constexpr Seconds bound_time{1}, before_the_burst{10}, longest_burst{120}, look_again{1};
constexpr unsigned idle_ticks = 1'000;
constexpr int speed = 100;
constexpr double lifetime_seconds = 47 * 86'400.0, mean_age_at_rotation = 0.675;
constexpr double kib_a_mib = 1024;

double mib(std::uint64_t kib) {
  return static_cast<double>(kib) / kib_a_mib;
}

std::chrono::system_clock::time_point wall(engine::Timestamp t) {
  return std::chrono::system_clock::time_point(std::chrono::microseconds(t.microseconds));
}

/// More than the clients can have made while all was planned.
constexpr std::uint64_t after_planning = 10'000'000;

/// Clients of the API beside what is measured.
class BesideIt {
 public:
  BesideIt(const Address& address, const std::filesystem::path& ca, std::uint64_t first = 1)
      : samples_(std::async(std::launch::async, [stop = stop_.get_token(), address, ca, first] {
          return https_until(stop, address, ca, Interactive{.first = first});
        })) {}
  ~BesideIt() { stop_.request_stop(); }

  std::vector<Sample> end() {
    stop_.request_stop();
    return samples_.get();
  }

 private:
  std::stop_source stop_;
  std::future<std::vector<Sample>> samples_;
};

class Benchmark {
 public:
  explicit Benchmark(const RotationOptions& options) : options_(options), directory_(options.data) {}

  void run() {
    std::cerr << "making " << options_.certificates << " certificates" << std::endl;
    const auto stored = options_.keep ? options_.data / "fleet" : place() / "fleet";
    fleet_ = make_fleet(stored, options_.certificates);
    measure_empty_server();
    std::cerr << "copying them" << std::endl;
    std::filesystem::copy(stored / "data", data(), std::filesystem::copy_options::recursive);
    if (fleet_.made_in.count() > 0)
      std::cout << fleet_.certificates << " certificates made in " << fleet_.made_in.count() << " s\n";
    measure_server();
    measure_simulated();
  }

 private:
  std::filesystem::path place() const { return directory_.path(); }
  std::filesystem::path data() const { return place() / "data"; }
  static std::string tokens() { return std::string(token) + ",bench,bench,\"system:masters\"\n"; }

  void measure_empty_server() {
    std::cerr << "starting an empty server" << std::endl;
    const auto empty = place() / "empty";
    {
      const ServerProcess first(options_.program, empty, tokens());  // makes certificates of its own
    }
    const ServerProcess server(options_.program, empty, tokens());
    empty_start_ = server.start_time();
    empty_kib_ = server.memory();
  }

  // ---- the server -------------------------------------------------------------------------------

  void measure_server() {
    {
      const ServerProcess first(options_.program, place(), tokens());  // makes certificates of its own
    }
    std::cerr << "the server idles" << std::endl;
    ServerProcess server(options_.program, place(), tokens());
    FigureTable figures;
    try {
      figures.add("start", server.start_time().count(), "ms", "of an empty server", empty_start_.count());
      figures.add("memory, ready", mib(server.memory()), "MiB", "of an empty server", mib(empty_kib_));
      std::this_thread::sleep_for(options_.time);
      figures.add("memory, idle", mib(server.memory()), "MiB", "of an empty server", mib(empty_kib_));
      plan(server, figures);
      rotate_at_once(server, figures);
      figures.add("memory, peak of all", mib(server.peak_memory()), "MiB", "of an empty server",
                  mib(empty_kib_));
      std::cout << figures.text() << std::endl;
      delete_burst_policy(address(server), server.ca());
      wait_until_planned(data());
    } catch (const std::exception& failure) {
      std::cout << figures.text() << std::endl;
      throw std::runtime_error(std::string(failure.what()) +
                               "\nthe server's last words: " + server.last_words());
    }
  }

  static Address address(const ServerProcess& server) { return {server.port(), token}; }

  void plan(const ServerProcess& server, FigureTable& figures) {
    std::cerr << "a policy comes, all rotations are planned anew" << std::endl;
    const Microseconds read = read_of_a_request();
    BesideIt clients(address(server), server.ca());
    const auto begun = Clock::now();
    apply_fleet_policy(address(server), server.ca());
    wait_until_planned(data());
    planned_in_ = Clock::now() - begun;
    const Point beside = summarise("plan", 0, 0, {begun, Clock::now()}, clients.end());
    figures.add("plan all anew", planned_in_.count(), "s");
    figures.add("  of it", fleet_.certificates / planned_in_.count(), "/s", "events of a request read",
                1e6 / read.count());
    figures.add("  a certificate meanwhile, p50", beside.p50.count(), "ms");
    figures.add("  a certificate meanwhile, p99", beside.p99.count(), "ms");
    figures.add("  memory, peak", mib(server.peak_memory()), "MiB", "of an empty server", mib(empty_kib_));
  }

  /// One request's events, read at random as whoever plans it must.
  Microseconds read_of_a_request() const {
    store::SqliteEventReader log(store::existing_data_files(data()));
    const auto head = log.head().value;
    std::mt19937_64 random(1);
    std::vector<engine::StreamId> streams;
    while (streams.size() < 1'000)
      for (const engine::StoredEvent& event : log.after({random() % head}, 1))
        if (event.stream.category() == "csr") streams.push_back(event.stream);
    std::size_t next = 0;
    return average(bound_time, [&] { log.stream(streams[next++ % streams.size()], {}); });
  }

  void rotate_at_once(const ServerProcess& server, FigureTable& figures) {
    std::cerr << fleet_.burst << " rotations at once" << std::endl;
    Rotations rotations{.read_to = store::SqliteEventReader(store::existing_data_files(data())).head()};
    // Planned anew before it begins, with time to spare.
    const auto ahead =
        std::chrono::duration_cast<std::chrono::microseconds>(1.3 * planned_in_ + 2 * before_the_burst);
    const engine::Timestamp start = tools::SystemClock().now() + engine::Duration{ahead.count()};
    apply_burst_policy(address(server), server.ca(), {start, start + engine::seconds(1)});
    wait_until_planned(data());
    if (tools::SystemClock().now() > start) throw std::runtime_error("planning took longer than expected");
    std::this_thread::sleep_until(wall(start) -
                                  std::chrono::duration_cast<std::chrono::microseconds>(before_the_burst));
    BesideIt clients(address(server), server.ca(), after_planning);
    const auto interactive_from = Clock::now();
    std::this_thread::sleep_until(wall(start) + std::chrono::seconds(1));
    const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(longest_burst);
    while (rotations.done < fleet_.burst && Clock::now() < deadline) {
      std::this_thread::sleep_for(look_again);
      read_rotations(data(), rotations);
    }
    const auto samples = clients.end();
    report_burst(rotations, interactive_from, samples, figures);
  }

  void report_burst(const Rotations& rotations, Clock::time_point from, const std::vector<Sample>& samples,
                    FigureTable& figures) {
    if (rotations.done == 0)
      throw std::runtime_error("none of " + std::to_string(fleet_.burst) + " rotations was made in " +
                               std::to_string(longest_burst.count()) + " s");
    const engine::Timestamp wall_now = tools::SystemClock().now();
    const auto now = Clock::now();
    const auto steady = [&](engine::Timestamp t) {
      return now - std::chrono::microseconds((wall_now - t).microseconds);
    };
    const Window during{steady(rotations.first_begun), steady(rotations.last_rotated)};
    const Point before = summarise("before", 0, 0, {from, during.from}, samples);
    const Point beside = summarise("during", 0, 0, during, samples);
    const auto events = events_of_one(data(), rotations);
    const Microseconds bound = P256().sign(bound_time) + static_cast<double>(events.size()) *
                                                             append(place() / "bound", events, bound_time);
    figures.add("rotations that were due at once", fleet_.burst, "");
    figures.add("  done", static_cast<double>(rotations.done), "", "due", fleet_.burst);
    figures.add("  rotations", rotations.per_second(), "/s",
                "one signature, " + std::to_string(events.size()) + " events appended", 1e6 / bound.count());
    figures.add("  a certificate meanwhile, p50", beside.p50.count(), "ms", "before", before.p50.count());
    figures.add("  a certificate meanwhile, p99", beside.p99.count(), "ms", "before", before.p99.count());
    rotation_bound_ = 1e6 / bound.count();
  }

  // ---- the scheduler alone ----------------------------------------------------------------------

  void measure_simulated() {
    std::cerr << "the scheduler has nothing to do" << std::endl;
    FigureTable figures;
    SimulatedServer server(data(), tools::SystemClock().now());
    const IdleTicks idle = server.idle(idle_ticks);
    figures.add("a look with nothing due, average", idle.average.count(), "µs", "an indexed read",
                idle.read.count());
    figures.add("  worst of 1000", idle.worst.count(), "µs", "an indexed read", idle.read.count());

    std::cerr << speed << " times real time" << std::endl;
    const SteadyState steady = server.steady(speed, options_.time);
    const double fleets_pace = fleet_.certificates / (mean_age_at_rotation * lifetime_seconds) * speed;
    figures.add("rotations due, 100 times real time", steady.due_per_second, "/s",
                "the fleet's steady pace, 100 times", fleets_pace);
    figures.add("  done", steady.done_per_second, "/s", "due", steady.due_per_second);
    figures.add("  done", steady.done_per_second, "/s", "bound of rotations", rotation_bound_);
    figures.add("  left at the end", static_cast<double>(steady.left), "");
    figures.add("  late, p50", steady.p50.count(), "simulated s");
    figures.add("  late, p99", steady.p99.count(), "simulated s");
    figures.add("  late, worst", steady.worst.count(), "simulated s");
    figures.add("  memory of this process", mib(steady.memory_kib), "MiB", "of an empty server",
                mib(empty_kib_));
    std::cout << figures.text();
  }

  const RotationOptions& options_;
  const FreshDirectory directory_;
  Fleet fleet_;
  Milliseconds empty_start_{};
  std::uint64_t empty_kib_ = 0;
  Seconds planned_in_{};
  double rotation_bound_ = 0;  // a second
};

}  // namespace

int main(int argc, char** argv) {
  const RotationOptions options = rotation_options_of(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);  // a server that ends is told by its connections
  try {
    Benchmark(options).run();
  } catch (const std::exception& failure) {
    std::cerr << "rotation: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
