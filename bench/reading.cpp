// Reads of a server that has many signed requests stored, beside a TLS echo measured in the same run.
// README.md says what the figures mean.
#include <algorithm>
#include <csignal>
#include <iostream>
#include <random>

#include "bench/fresh_directory.hpp"
#include "bench/in_process.hpp"
#include "bench/options.hpp"
#include "bench/readers.hpp"
#include "bench/report.hpp"
#include "bench/server_process.hpp"
#include "bench/tls_echo.hpp"

namespace {

using namespace csrflow::bench;

constexpr unsigned points[] = {1, 16, 64};
constexpr unsigned making = 250;  // clients that make what is stored
constexpr Seconds warm_up{1}, echo_time{1};
constexpr unsigned list_repeats = 3;
constexpr unsigned whole_seed = 1;
constexpr auto json_type = "application/json";
constexpr auto table_type = "application/json;as=Table;v=v1;g=meta.k8s.io";
constexpr auto token = "reading";

struct List {
  const char* form;
  std::string rest;
  const char* accept;
  bool gzip = false;
};

std::size_t rows_in(std::string_view body, std::string_view row_start) {
  std::size_t count = 0;
  for (auto at = body.find(row_start); at != std::string_view::npos; at = body.find(row_start, at + 1))
    ++count;
  return count;
}

class Reading {
 public:
  explicit Reading(const ReadingOptions& options)
      : options_(options), directory_(options.data), each_(options.requests / making) {}

  void run() {
    std::cerr << "storing " << making * each_ << " signed requests" << std::endl;
    std::filesystem::create_directories(place());
    store_certificates(place() / "data", making, {.each = each_});
    {
      const ServerProcess first(options_.program, place(), tokens());  // makes certificates of its own
    }
    ServerProcess server(options_.program, place(), tokens());
    report_.stored = making * each_;
    report_.start = server.start_time();
    report_.idle_kib = server.memory();
    const Address address{server.port(), token};
    for (const unsigned clients : points) get_point(address, server, clients);
    for (const List& list : lists()) list_point(address, server, list);
    std::cout << table(report_);
  }

 private:
  static std::string tokens() { return std::string(token) + ",bench,bench,\"system:masters\"\n"; }
  std::filesystem::path place() const { return directory_.path(); }
  std::vector<List> lists() const {
    return {{"Table", "?limit=500", table_type}, {"Table", "?limit=10000", table_type},
            {"Table", "", table_type},           {"Table, gzip", "?limit=10000", table_type, true},
            {"JSON", "?limit=10000", json_type}, {"JSON", "", json_type}};
  }

  void get_point(const Address& address, const ServerProcess& server, unsigned clients) {
    std::cerr << "measuring GET, " << clients << " at once" << std::endl;
    const Microseconds before = tls_echo(echo_time);
    std::mt19937 random(whole_seed);
    std::string request;
    const auto next = [&]() -> const std::string& {
      const auto client = random() % making;
      const auto number = 1 + random() % each_;
      request =
          get_request(address, "/bench-" + std::to_string(client) + '-' + std::to_string(number), json_type);
      return request;
    };
    Window window;
    auto samples = read_for(address, server.ca(), clients, next, warm_up, options_.time, window);
    const double echoes = 2e6 / (before + tls_echo(echo_time)).count();
    report_.gets.push_back(summarise("get", clients, echoes, window, std::move(samples)));
  }

  void list_point(const Address& address, ServerProcess& server, const List& list) {
    std::cerr << "measuring a list, " << list.form << " " << list.rest << std::endl;
    ListPoint point{.form = list.form};
    for (unsigned i = 0; i < list_repeats; ++i) {
      const auto before = server.memory();
      server.forget_peak();
      const auto answer =
          read_whole(address, server.ca(), get_request(address, list.rest, list.accept, list.gzip));
      const auto growth = server.peak_memory() - std::min(server.peak_memory(), before);
      point.growth_kib = std::max(point.growth_kib, growth);
      if (i > 0 && answer.took >= point.took) continue;
      point.took = answer.took;
      point.first_byte = answer.first_byte;
      point.bytes = answer.body.size();
      if (!list.gzip)
        point.rows =
            rows_in(answer.body, list.accept == table_type ? R"({"cells":[)" : R"({"metadata":{"name":)");
    }
    report_.lists.push_back(std::move(point));
  }

  const ReadingOptions& options_;
  const FreshDirectory directory_;
  const unsigned each_;
  ReadingReport report_;
};

}  // namespace

int main(int argc, char** argv) {
  const ReadingOptions options = reading_options_of(argc, argv);
  std::signal(SIGPIPE, SIG_IGN);  // a server that ends is told by its connections
  try {
    Reading(options).run();
  } catch (const std::exception& failure) {
    std::cerr << "reading: " << failure.what() << '\n';
    return 1;
  }
  return 0;
}
