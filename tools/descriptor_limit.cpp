#include "tools/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace csrflow::tools {
namespace {

// Databases with their readers, keys, event loops, fetches of an issuer's keys.
constexpr rlim_t own_files = 256;

}  // namespace

std::size_t make_room_for_connections(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const auto needed = static_cast<rlim_t>(wanted) + own_files;
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < needed) {
    const auto most = limit.rlim_max == RLIM_INFINITY ? needed : std::min(needed, limit.rlim_max);
    rlimit raised{.rlim_cur = std::max(limit.rlim_cur, most), .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= needed) return wanted;
  // A process that may have hardly any files still serves somebody.
  return std::max<rlim_t>(limit.rlim_cur / 2, limit.rlim_cur > own_files ? limit.rlim_cur - own_files : 0);
}

}  // namespace csrflow::tools
