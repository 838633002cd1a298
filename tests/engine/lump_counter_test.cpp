#include "engine/lump_counter.hpp"

#include "tests/catch.hpp"

using namespace csrflow::engine;

namespace {

const SignerName web{"example.com/web"}, batch{"example.com/batch"};
/// A half-hour begins.
const Timestamp noon = from_seconds(1'790'000'000 / 1800 * 1800);

void issue(LumpCounter& counter, const SignerName& signer, unsigned n, Timestamp at) {
  for (unsigned i = 0; i < n; ++i) counter.note(signer, at);
}

}  // namespace

TEST_CASE("a signer's thousandth certificate within an hour makes the next one part of a lump") {
  LumpCounter counter;
  issue(counter, web, 999, noon);
  CHECK_FALSE(counter.is_lump(web, noon));
  counter.note(web, noon + seconds(60));
  CHECK(counter.is_lump(web, noon + seconds(60)));
  CHECK_FALSE(counter.is_lump(batch, noon + seconds(60)));
}

TEST_CASE("certificates of the half-hour before count, those of an hour before no longer") {
  LumpCounter counter;
  issue(counter, web, 1'000, noon + seconds(1799));
  CHECK(counter.is_lump(web, noon + seconds(1800)));
  CHECK(counter.is_lump(web, noon + seconds(3599)));
  CHECK_FALSE(counter.is_lump(web, noon + seconds(3600)));
}

TEST_CASE("after a pause of hours nothing counts") {
  LumpCounter counter;
  issue(counter, web, 5'000, noon);
  CHECK_FALSE(counter.is_lump(web, noon + seconds(5 * 3600)));
  counter.note(web, noon + seconds(5 * 3600));
  CHECK_FALSE(counter.is_lump(web, noon + seconds(5 * 3600)));
}
