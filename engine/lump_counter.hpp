// When a signer issues so many certificates within an hour that they would rotate in one lump later.
#pragma once

#include <map>

#include "engine/types.hpp"

namespace csrflow::engine {

constexpr std::uint32_t lump_size = 1'000;
constexpr Duration lump_time = seconds(3600);

/// Counts in two half-hours, so that little has to be kept: a lump is seen at 1,000 in the last half to whole
/// hour. Belongs to one thread.
class LumpCounter {
 public:
  void note(const SignerName& signer, Timestamp now) {
    Count& count = at(signer, now);
    ++count.now;
  }
  bool is_lump(const SignerName& signer, Timestamp now) {
    const Count& count = at(signer, now);
    return count.now + count.before >= lump_size;
  }

 private:
  struct Count {
    std::int64_t half = 0;
    std::uint32_t now = 0, before = 0;
  };
  Count& at(const SignerName& signer, Timestamp now) {
    const std::int64_t half = now.microseconds / (lump_time.microseconds / 2);
    Count& count = counts_[signer];
    if (half != count.half) count = {half, 0, half == count.half + 1 ? count.now : 0};
    return count;
  }
  std::map<SignerName, Count> counts_;
};

}  // namespace csrflow::engine
