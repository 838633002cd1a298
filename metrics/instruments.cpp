#include "metrics/instruments.hpp"

#include <algorithm>

namespace csrflow::metrics {

void Histogram::observe(Time time) {
  const auto nanoseconds =
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
  const auto bound = std::ranges::lower_bound(bucket_bounds, static_cast<double>(nanoseconds) / 1e9);
  buckets_[static_cast<std::size_t>(bound - bucket_bounds.begin())].add();
  nanoseconds_.add(static_cast<std::uint64_t>(nanoseconds));
}

Histogram::Shown Histogram::shown() const {
  Shown shown;
  std::uint64_t total = 0;
  for (const Counter& bucket : buckets_) shown.cumulative.push_back(total += bucket.value());
  shown.sum = static_cast<double>(nanoseconds_.value()) / 1e9;
  return shown;
}

}  // namespace csrflow::metrics
