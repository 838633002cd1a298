// Prometheus' text format (version 0.0.4).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/instruments.hpp"

namespace csrflow::metrics {

constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricKind { counter, gauge, histogram };
using Labels = std::vector<std::pair<std::string, std::string>>;

/// Belongs to one thread.
class Exposition {
 public:
  Exposition();
  ~Exposition();
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  /// What is added from now on belongs to this metric.
  void begin(std::string name, std::string help, MetricKind);
  void add(const Labels&, double value);
  void add(const Labels&, const Histogram::Shown&);
  std::string text() const;

 private:
  struct Families;
  const std::unique_ptr<Families> families_;
};

}  // namespace csrflow::metrics
