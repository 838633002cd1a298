// The figures as text.
#pragma once

#include <string>
#include <vector>

#include "bench/figures.hpp"

namespace csrflow::bench {

std::string table(const Bound&, const std::vector<Point>&);
/// One object: `bound` and `points`; times in µs and ms as their names say, memory in KiB.
std::string table(const ReadingReport&);
std::string json(const Bound&, const std::vector<Point>&);

}  // namespace csrflow::bench
