// How evenly rotations spread: a million certificates of one moment, the same in maintenance windows, and
// what is left of the lump after generations. Prints figures; `--svg FILE` writes the plot of
// docs/rotation.md. Everything is computed from a seed, so that each run gives the same.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <random>

#include "bench/chart.hpp"
#include "engine/rotation_plan.hpp"
#include "store/sha256.hpp"

namespace {

using namespace csrflow;
using namespace csrflow::engine;

constexpr std::uint64_t seed = 20260101;
constexpr Duration hour = seconds(3600), day = seconds(86'400);
constexpr auto blue = "#2b6cb0", orange = "#c05621", grey = "#718096";

const Timestamp begin_2026 = *parse_rfc3339("2026-01-01T00:00:00Z");

class Certificates {
 public:
  Rotatable next(std::int64_t host, Timestamp begin, Duration lifetime) {
    const std::uint64_t words[] = {random_(), random_()};
    Serial serial{Bytes(reinterpret_cast<const char*>(words), sizeof words)};
    return {.stream = csr_stream("host-" + std::to_string(host)),
            .serial = std::move(serial),
            .validity = {begin, begin + lifetime - seconds(1)}};
  }

 private:
  std::mt19937_64 random_{seed};
};

/// How many of the certificates, all of one moment, are due in each hour of their window.
std::vector<double> by_hour(const RotationRules& rules, std::int64_t certificates, Duration lifetime) {
  Certificates made;
  const Window window = window_of(rules, made.next(0, begin_2026, lifetime)).window;
  std::vector<double> counts(
      static_cast<std::size_t>((window.end - window.start).microseconds / hour.microseconds + 1));
  for (std::int64_t i = 0; i < certificates; ++i) {
    const Timestamp due = plan_rotation(rules, made.next(i, begin_2026, lifetime), store::sha256).due;
    ++counts.at(static_cast<std::size_t>((due - window.start).microseconds / hour.microseconds));
  }
  return counts;
}

/// The rate of rotations over time, in steady rates, when all certificates are of one moment: `bins` a
/// lifetime.
constexpr std::int64_t bins = 50;
std::vector<double> over_generations(bool bulk, std::int64_t certificates, Duration lifetime,
                                     std::int64_t lifetimes) {
  Certificates made;
  std::vector<double> counts(static_cast<std::size_t>(bins * lifetimes));
  for (std::int64_t host = 0; host < certificates; ++host) {
    Timestamp begin = begin_2026;
    for (bool first = bulk;; first = false) {
      Rotatable certificate = made.next(host, begin, lifetime);
      certificate.bulk = first;
      const Timestamp due = plan_rotation({}, certificate, store::sha256).due;
      const auto bin =
          static_cast<std::size_t>((due - begin_2026).microseconds / (lifetime.microseconds / bins));
      if (bin >= counts.size()) break;
      ++counts[bin];
      begin = due.cut_to_seconds();
    }
  }
  // A certificate rotates at 67.5 % of its lifetime on average.
  const double steady = static_cast<double>(certificates) / 0.675 / static_cast<double>(bins);
  for (double& count : counts) count /= steady;
  return counts;
}

std::vector<std::string> days_from(Timestamp from, Timestamp to, int ticks) {
  std::vector<std::string> texts;
  for (int i = 0; i < ticks; ++i) {
    const Timestamp at{from.microseconds + (to - from).microseconds * i / (ticks - 1)};
    texts.push_back(rfc3339_seconds(at).substr(5, 11).replace(5, 1, " "));
  }
  return texts;
}

/// The largest rate in each lifetime.
std::string peaks(const std::vector<double>& rates) {
  std::string text;
  for (std::size_t at = 0; at < rates.size(); at += bins)
    text +=
        fmt::format(" {:4.1f}", *std::max_element(rates.begin() + static_cast<std::ptrdiff_t>(at),
                                                  rates.begin() + static_cast<std::ptrdiff_t>(at + bins)));
  return text;
}

void print_histogram(const std::vector<double>& counts, std::int64_t certificates) {
  constexpr std::size_t hours_a_line = 12;
  const double most = *std::ranges::max_element(counts) * static_cast<double>(hours_a_line);
  for (std::size_t at = 0; at < counts.size(); at += hours_a_line) {
    double sum = 0;
    for (std::size_t i = at; i < std::min(counts.size(), at + hours_a_line); ++i) sum += counts[i];
    fmt::print("  {:3} h  {:6.2f} %  {}\n", at, sum / static_cast<double>(certificates) * 100,
               std::string(static_cast<std::size_t>(sum / most * 50), '#'));
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("How evenly rotations spread");
  std::string svg;
  std::int64_t certificates = 1'000'000;
  app.add_option("--svg", svg, "Write the plot")->type_name("FILE");
  app.add_option("--certificates", certificates, "How many")->check(CLI::Range(1'000, 100'000'000));
  CLI11_PARSE(app, argc, argv);

  const Duration lifetime{day.microseconds * 47};
  RotationRules office;
  office.allow =
      Calendar{WeeklyWindow{*TimeZone::find("Europe/Berlin"), *parse_time_window("Mon-Fri 08:00-16:00")}};
  const std::int64_t lump = std::max<std::int64_t>(certificates / 10, 1'000), lifetimes = 8;

  const auto even = by_hour({}, certificates, lifetime);
  const auto maintained = by_hour(office, certificates, lifetime);
  const auto plain = over_generations(false, lump, lifetime, lifetimes);
  const auto flattened = over_generations(true, lump, lifetime, lifetimes);

  // The last hour of the window is not whole.
  const auto [least, most] = std::minmax_element(even.begin(), even.end() - 1);
  fmt::print("{} certificates of 47 d, signed at once; due by hour of the window:\n", certificates);
  print_histogram(even, certificates);
  fmt::print("an hour has {:.0f} to {:.0f}\n\nin maintenance windows, Mon-Fri 08:00-16:00 Europe/Berlin:\n",
             *least, *most);
  print_histogram(maintained, certificates);
  fmt::print(
      "\nhighest rate in each lifetime, of the steady rate:\n  60 to 75 %            {}\n  first 30 to 75 %, "
      "then{}\n",
      peaks(plain), peaks(flattened));

  if (svg.empty()) return 0;
  const Window window = rotation_window({begin_2026, begin_2026 + lifetime - seconds(1)});
  std::vector<std::string> ticks;
  for (std::int64_t i = 0; i <= lifetimes; ++i) ticks.push_back(std::to_string(i));
  std::ofstream file(svg);
  file << bench::svg_of(
      {{.title = fmt::format("{} certificates of 47 d, signed in the same second: due by hour", certificates),
        .ticks = days_from(window.start, window.end, 6),
        .unit = "per hour",
        .bars = {{"", blue, even}},
        .lines = {}},
       {.title = "the same, in maintenance windows Mon-Fri 08:00-16:00 Europe/Berlin",
        .ticks = days_from(window.start, window.end, 6),
        .unit = "per hour",
        .bars = {{"", grey, maintained}},
        .lines = {}},
       {.title = "rate over lifetimes since then, 1 = steady",
        .ticks = ticks,
        .unit = "rate",
        .bars = {},
        .lines = {{"60 to 75 %", orange, plain}, {"first 30 to 75 %", blue, flattened}}}});
  file.flush();
  if (file) return 0;
  std::cerr << "cannot write " << svg << '\n';
  return 1;
}
