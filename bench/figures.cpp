#include "bench/figures.hpp"

#include <algorithm>
#include <stdexcept>

namespace csrflow::bench {

Point summarise(std::string way, unsigned clients, double bound, const Window& window,
                std::vector<Sample> samples) {
  std::erase_if(samples, [&](const Sample& sample) { return !window.contains(sample.seen); });
  if (samples.empty()) throw std::runtime_error(way + ": nothing came in the whole time");
  std::ranges::sort(samples, {}, &Sample::took);
  auto quantile = [&](double part) {
    return samples[static_cast<std::size_t>(part * static_cast<double>(samples.size() - 1))].took;
  };
  Point point;
  point.way = std::move(way);
  point.clients = clients;
  point.certificates = samples.size();
  point.rate = static_cast<double>(samples.size()) / Seconds(window.to - window.from).count();
  point.p50 = quantile(0.50);
  point.p99 = quantile(0.99);
  point.bound = bound;
  return point;
}

}  // namespace csrflow::bench
