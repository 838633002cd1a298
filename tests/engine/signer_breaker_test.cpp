#include "engine/signer_breaker.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using csrflow::test::sha256;

namespace {

const Timestamp noon = time_of("2026-03-01T12:00:00Z");
SignerBreaker breaker() {
  return {SignerName{"example.com/web"}, sha256};
}
/// Open since `noon`.
SignerBreaker open_breaker() {
  SignerBreaker opened = breaker();
  for (int i = 0; i < 3; ++i) opened.failed(noon);
  return opened;
}

}  // namespace

TEST_CASE("two failures stop nothing, the third in a row opens the breaker") {
  SignerBreaker signer = breaker();
  signer.failed(noon);
  signer.failed(noon);
  CHECK(signer.take(noon));
  CHECK_FALSE(signer.next_probe());
  signer.failed(noon);
  CHECK(signer.open());
  CHECK_FALSE(signer.take(noon));
}

TEST_CASE("a success in between begins the count anew") {
  SignerBreaker signer = breaker();
  for (int i = 0; i < 10; ++i) {
    signer.failed(noon);
    signer.failed(noon);
    signer.succeeded();
  }
  CHECK(signer.take(noon));
}

TEST_CASE("one probe goes when the third wait is over: 120 s and a tenth more or less") {
  SignerBreaker signer = open_breaker();
  const Timestamp probe = signer.next_probe().value();
  CHECK(probe >= noon + seconds(108));
  CHECK(probe < noon + seconds(132));
  CHECK_FALSE(signer.take(probe - Duration{1}));
  CHECK(signer.take(probe));
  CHECK_FALSE(signer.take(probe));
}

TEST_CASE("a probe that fails doubles the wait, one that succeeds lets all go") {
  SignerBreaker signer = open_breaker();
  const Timestamp probe = signer.next_probe().value();
  REQUIRE(signer.take(probe));
  signer.failed(probe);
  CHECK(signer.next_probe().value() >= probe + seconds(216));
  CHECK(signer.next_probe().value() < probe + seconds(264));
  REQUIRE(signer.take(*signer.next_probe()));
  signer.succeeded();
  CHECK_FALSE(signer.open());
  for (int i = 0; i < 100; ++i) CHECK(signer.take(probe));
}

TEST_CASE("failures of what was under way before do not lengthen the wait") {
  SignerBreaker signer = open_breaker();
  const auto probe = signer.next_probe();
  for (int i = 0; i < 50; ++i) signer.failed(noon + seconds(1));
  CHECK(signer.failures() == 3);
  CHECK(signer.next_probe() == probe);
}

TEST_CASE("a probe that is never heard of again is followed by another one a step later") {
  SignerBreaker signer = open_breaker();
  const Timestamp first = signer.next_probe().value();
  REQUIRE(signer.take(first));
  const Timestamp second = signer.next_probe().value();
  CHECK(second == first + (first - noon));
  CHECK(signer.take(second));
}

TEST_CASE("an eighth of what is left for the most urgent one bounds the wait") {
  SignerBreaker signer = breaker();
  for (int i = 0; i < 3; ++i) signer.failed(noon, seconds(160));
  CHECK(signer.next_probe().value() >= noon + seconds(18));
  CHECK(signer.next_probe().value() < noon + seconds(22));
}

TEST_CASE("a clock that was set back by a day does not hold the signer for a day") {
  SignerBreaker signer = open_breaker();
  CHECK(signer.take(noon - days(1)));
  CHECK_FALSE(signer.take(noon - days(1)));
}

TEST_CASE(
    "no wait is shorter than a second or longer than the cap and a tenth, and none jumps over the end") {
  CHECK(rc::check("waits between probes", [] {
    const Duration left{*rc::gen::inRange<std::int64_t>(8'000'001, 400LL * 86'400 * 1'000'000)};
    const Timestamp end = noon + left;
    SignerBreaker signer = breaker();
    Timestamp now = noon;
    for (int i = 0; i < 2; ++i) signer.failed(now, left);
    while (end - now > seconds(8)) {
      signer.failed(now, end - now);
      const Timestamp next = signer.next_probe().value();
      RC_ASSERT(next - now >= seconds(1));
      RC_ASSERT(next - now <= Duration{seconds(6 * 3600).microseconds / 10 * 11});
      RC_ASSERT(next < end);
      RC_ASSERT(signer.take(next));
      now = next;
    }
  }));
}
