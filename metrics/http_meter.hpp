// Requests over HTTP, by what they asked and how they were answered. The labels are bounded: verbs and codes
// by tables, resources by the list that it is made with; everything else is `other`.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "metrics/instruments.hpp"

namespace csrflow::metrics {

enum class HttpLane { read, write, watch };
constexpr std::array<std::string_view, 3> lane_names{"read", "write", "watch"};

/// How many requests are worked on, and how many wait for a seat; by lane.
struct RequestsNow {
  std::array<std::size_t, lane_names.size()> in_flight{}, waiting{};
};

/// Thread-safe, without a lock.
class HttpMeter {
 public:
  explicit HttpMeter(std::vector<std::string> resources);

  /// `resource` is empty where the path is none.
  void answered(std::string_view verb, std::string_view resource, int code);
  /// From the request's head to its answer; not for what goes on until its client goes.
  void took(std::string_view verb, Histogram::Time);
  /// There were too many at a time.
  void refused(HttpLane lane) { refused_[static_cast<std::size_t>(lane)].add(); }

  struct Answers {
    std::string verb, resource, code;
    std::uint64_t count = 0;
  };
  /// Those that are not zero.
  std::vector<Answers> answers() const;
  struct Times {
    std::string verb;
    Histogram::Shown times;
  };
  /// Verbs that came.
  std::vector<Times> times() const;
  std::uint64_t refusals(HttpLane lane) const { return refused_[static_cast<std::size_t>(lane)].value(); }

 private:
  std::size_t resource_index(std::string_view) const;

  const std::vector<std::string> resources_;  // sorted; the last index, beyond them, is `other`
  std::unique_ptr<Counter[]> answers_;        // by verb, resource and code
  std::unique_ptr<Histogram[]> times_;        // by verb
  std::array<Counter, lane_names.size()> refused_;
};

}  // namespace csrflow::metrics
