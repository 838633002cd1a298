// What is measured, and what is computed from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace csrflow::bench {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;
using Microseconds = std::chrono::duration<double, std::micro>;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// What the hardware needs for the parts that no program can leave out, each measured alone on one core.
struct Bound {
  Microseconds verify{};  ///< one P-256 verification with its SHA-256
  Microseconds sign{};    ///< one P-256 signature with its SHA-256
  Microseconds append{};  ///< one event's share of a durable commit of 64 certificates
  Microseconds echo{};    ///< one TLS round trip, both ends; 0 when it was not measured

  static constexpr double events_a_certificate = 4;  // created, approved, issuing, signed
  static constexpr double round_trips = 3;           // create, approve, watch

  /// Certificates a second if one core did nothing else.
  double in_process() const { return 1e6 / (verify + sign + events_a_certificate * append).count(); }
  double https() const {
    return 1e6 / (verify + sign + events_a_certificate * append + round_trips * echo).count();
  }
};

/// One certificate, or one answer, that a client has got.
struct Sample {
  Clock::time_point seen;
  Clock::duration took;  ///< since its request was begun
};

/// The part of a run that counts.
struct Window {
  Clock::time_point from, to;
  bool contains(Clock::time_point t) const { return from <= t && t < to; }
};

/// Resident memory of a server, KiB.
struct Memory {
  std::uint64_t idle = 0, loaded = 0;
};

/// A number of clients, each with one request at a time.
struct Point {
  std::string way;  ///< `in-process`, `https`, `get`
  unsigned clients = 0;
  std::uint64_t certificates = 0;
  double rate = 0;  ///< certificates a second
  Milliseconds p50{}, p99{};
  double bound = 0;  ///< certificates a second

  double signatures = 0;  ///< a second, one core, the average of before and after
  Milliseconds commit{};  ///< one event's durable commit, before
  std::optional<Memory> server;

  double percent_of_bound() const { return 100 * rate / bound; }
  double per_thousand_signatures() const { return 1000 * rate / signatures; }
};

/// A list, the quickest of several.
struct ListPoint {
  std::string form;                   ///< `Table`
  std::size_t rows = 0;               ///< 0 when they were not counted
  std::size_t bytes = 0;              ///< of the body as it came
  Milliseconds first_byte{}, took{};  ///< since the request was sent
  std::uint64_t growth_kib = 0;  ///< by how much the server's peak was above what it had before; the worst
};

struct ReadingReport {
  unsigned stored = 0;
  Milliseconds start{};
  std::uint64_t idle_kib = 0;
  std::vector<Point> gets;  ///< their bound is a TLS echo's round trips a second
  std::vector<ListPoint> lists;
};

/// Throws std::runtime_error when nothing was seen in the window.
Point summarise(std::string way, unsigned clients, double bound, const Window&, std::vector<Sample>);

}  // namespace csrflow::bench
