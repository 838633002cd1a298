#include "engine/intervals.hpp"

#include <algorithm>

namespace csrflow::engine {
namespace {

Duration length(const Interval& one) {
  return one.to - one.from;
}

}  // namespace

Intervals united(Intervals any) {
  std::ranges::sort(any, {}, &Interval::from);
  Intervals set;
  for (const Interval& one : any) {
    if (one.to <= one.from) continue;
    if (!set.empty() && one.from <= set.back().to) {
      set.back().to = std::max(set.back().to, one.to);
    } else {
      set.push_back(one);
    }
  }
  return set;
}

Intervals within(const Intervals& set, Interval range) {
  Intervals cut;
  for (const Interval& one : set) {
    const Interval inside{std::max(one.from, range.from), std::min(one.to, range.to)};
    if (inside.from < inside.to) cut.push_back(inside);
  }
  return cut;
}

Intervals gaps(const Intervals& set, Interval range) {
  Intervals found;
  Timestamp at = range.from;
  for (const Interval& one : within(set, range)) {
    if (at < one.from) found.push_back({at, one.from});
    at = one.to;
  }
  if (at < range.to) found.push_back({at, range.to});
  return found;
}

Duration length(const Intervals& set) {
  Duration sum;
  for (const Interval& one : set) sum = sum + length(one);
  return sum;
}

Intervals first_part(const Intervals& set, Duration most) {
  Intervals part;
  for (const Interval& one : set) {
    if (most.microseconds <= 0) break;
    part.push_back({one.from, std::min(one.to, one.from + most)});
    most = most - length(one);
  }
  return part;
}

Intervals last_part(const Intervals& set, Duration most) {
  Intervals part;
  for (auto one = set.rbegin(); one != set.rend() && most.microseconds > 0; ++one) {
    part.push_back({std::max(one->from, one->to - most), one->to});
    most = most - length(*one);
  }
  std::ranges::reverse(part);
  return part;
}

Timestamp along(const Intervals& set, Duration way) {
  for (const Interval& one : set) {
    if (way < length(one)) return one.from + way;
    way = way - length(one);
  }
  return set.empty() ? Timestamp{} : set.back().to;
}

}  // namespace csrflow::engine
