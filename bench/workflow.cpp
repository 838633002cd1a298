// The whole durable workflow at 1, 16 and 64 certificates at once, in-process and over HTTPS, beside the
// hardware's bound measured in the same run. README.md says what the figures mean.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>

#include "bench/append.hpp"
#include "bench/fresh_directory.hpp"
#include "bench/https.hpp"
#include "bench/in_process.hpp"
#include "bench/options.hpp"
#include "bench/p256.hpp"
#include "bench/report.hpp"
#include "bench/server_process.hpp"
#include "bench/tls_echo.hpp"
#include "signer/random.hpp"

namespace {

using namespace csrflow;
using namespace csrflow::bench;

constexpr unsigned points[] = {1, 16, 64};
constexpr Seconds longest_warm_up{1}, longest_bound{2}, signature_time{0.5}, commit_time{0.3};

std::string new_token() {
  std::array<std::uint8_t, 16> random{};
  signer::SystemRandom().fill(random);
  return engine::to_hex({reinterpret_cast<const char*>(random.data()), random.size()});
}

class Benchmark {
 public:
  explicit Benchmark(const Options& options)
      : options_(options), directory_(options.data), certificate_(stored_certificate(new_directory())) {
    constexpr auto expected = static_cast<std::size_t>(Bound::events_a_certificate);
    if (certificate_.size() != expected)
      throw std::runtime_error("a certificate has " + std::to_string(certificate_.size()) + " events, not " +
                               std::to_string(expected) + ": the bound would be wrong");
    if (wants(Only::https) && ::access(options.program.c_str(), X_OK) != 0)
      throw std::runtime_error(options.program.string() +
                               " is not there: build csrflow, or name it with --program");
  }

  void run() {
    measure_bound();
    for (const unsigned clients : points) in_process_point(clients);
    for (const unsigned clients : points) https_point(clients);
    std::cout << (options_.format == Format::json ? json(bound_, measured_) : table(bound_, measured_));
  }

 private:
  bool wants(Only part) const { return options_.only == Only::everything || options_.only == part; }
  std::filesystem::path new_directory() { return directory_.path() / std::to_string(++directories_); }

  void measure_bound() {
    std::cerr << "measuring the bound" << std::endl;
    const Seconds time = std::min(options_.time, longest_bound);
    bound_.verify = p256_.verify(time);
    bound_.sign = p256_.sign(time);
    bound_.append = append(new_directory(), certificate_, time);
    if (options_.only != Only::in_process) bound_.echo = tls_echo(time);
  }

  /// `run` fills the window and gives the samples.
  template <typename Run>
  void measure(const std::string& way, unsigned clients, double bound, Run run) {
    std::cerr << "measuring " << way << ", " << clients << " at once" << std::endl;
    const double before = p256_.signatures(signature_time);
    const Microseconds commit = commit_alone(new_directory(), certificate_, commit_time);
    Window window;
    std::optional<Memory> server;
    std::vector<Sample> samples = run(window, server);
    Point point = summarise(way, clients, bound, window, std::move(samples));
    point.signatures = (before + p256_.signatures(signature_time)) / 2;
    point.commit = commit;
    point.server = server;
    measured_.push_back(std::move(point));
  }

  Seconds warm_up() const { return std::min(options_.time, longest_warm_up); }

  void in_process_point(unsigned clients) {
    if (!wants(Only::in_process)) return;
    measure("in-process", clients, bound_.in_process(), [&](Window& window, std::optional<Memory>&) {
      return in_process(new_directory(), clients, warm_up(), options_.time, window);
    });
  }

  void https_point(unsigned clients) {
    if (!wants(Only::https)) return;
    measure("https", clients, bound_.https(), [&](Window& window, std::optional<Memory>& memory) {
      const std::string token = new_token();
      const ServerProcess server(options_.program, new_directory(),
                                 token + ",bench,bench,\"system:masters\"\n");
      memory = {.idle = server.memory(), .loaded = 0};
      try {
        auto samples = https({server.port(), token}, server.ca(), clients, warm_up(), options_.time, window);
        memory->loaded = server.memory();
        return samples;
      } catch (const std::exception& failure) {
        throw std::runtime_error(std::string(failure.what()) +
                                 "\nthe server's last words: " + server.last_words());
      }
    });
  }

  const Options& options_;
  const FreshDirectory directory_;
  unsigned directories_ = 0;
  const std::vector<engine::StoredEvent> certificate_;
  P256 p256_;
  Bound bound_;
  std::vector<Point> measured_;
};

}  // namespace

int main(int argc, char** argv) {
  const Options options = options_of(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);  // a server that ends is told by its connections
  try {
    Benchmark(options).run();
  } catch (const std::exception& failure) {
    std::cerr << "workflow: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
