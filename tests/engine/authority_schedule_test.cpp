#include "engine/authority_schedule.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;

namespace {

AuthorityTerms five_years() {
  return {.not_before = time_of("2026-01-01T00:00:00Z"),
          .not_after = time_of("2031-01-01T00:00:00Z"),
          .longest_leaf = days(90)};
}

}  // namespace

TEST_CASE(
    "a CA until 2031 that issues 90 days: prepared in August, signing in September, retired at Christmas") {
  const AuthoritySchedule schedule = authority_schedule(five_years());
  CHECK(rfc3339_seconds(schedule.prepare) == "2030-08-29T00:00:00Z");
  CHECK(rfc3339_seconds(schedule.activate) == "2030-09-19T00:00:00Z");
  CHECK(rfc3339_seconds(schedule.stop) == "2030-10-03T00:00:00Z");
  CHECK_FALSE(schedule.squeezed);
  // The last certificate of the old CA is signed in the second before the new one signs.
  const Timestamp last_leaf = schedule.activate + days(90) - seconds(1);
  CHECK(rfc3339_seconds(retirement(last_leaf, days(7))) == "2030-12-25T00:00:00Z");
}

TEST_CASE("a CA should live for twice what a roll-over takes") {
  AuthorityTerms terms = five_years();
  CHECK(advisable_lifetime(terms) == days(250));
  CHECK_FALSE(lifetime_warning(terms));
  terms.not_after = terms.not_before + days(250) - seconds(1);
  CHECK_FALSE(lifetime_warning(terms));
  CHECK_FALSE(authority_schedule(terms).squeezed);

  terms.not_after = terms.not_after - seconds(1);
  CHECK(lifetime_warning(terms) ==
        "the CA lives for 249d23h59m59s, which is short for certificates of 90d: it should live for 250d at "
        "least, twice what a roll-over takes (the longest certificate, 7d until the next CA is known "
        "everywhere, "
        "and twice 14d of margin); make a longer CA, or issue shorter certificates");
  CHECK(authority_schedule(terms).squeezed);
}

TEST_CASE("a CA that is shorter than its certificates is followed in the second half of its life") {
  AuthorityTerms terms = five_years();
  terms.not_after = terms.not_before + days(50);
  const AuthoritySchedule schedule = authority_schedule(terms);
  // 25 days for what would take 125: a fifth of each part.
  CHECK(rfc3339_seconds(schedule.prepare) == "2026-01-26T00:00:00Z");
  CHECK(rfc3339_seconds(schedule.activate) == "2026-01-30T04:48:00Z");
  CHECK(rfc3339_seconds(schedule.stop) == "2026-02-02T00:00:00Z");
}

TEST_CASE("instants are in order, inside of the CA's life, and never in its first half") {
  CHECK(rc::check("terms", [] {
    const auto length = [](std::int64_t most) { return seconds(*rc::gen::inRange<std::int64_t>(0, most)); };
    const Timestamp begin = time_of("2026-01-01T00:00:00Z");
    const AuthorityTerms terms{.not_before = begin,
                               .not_after = begin + seconds(2) + length(40LL * 366 * 86'400),
                               .longest_leaf = seconds(1) + length(10LL * 366 * 86'400),
                               .propagation = length(100 * 86'400),
                               .margin = length(100 * 86'400)};
    const AuthoritySchedule schedule = authority_schedule(terms);
    RC_ASSERT(schedule.prepare - begin + seconds(1) >= terms.not_after - schedule.prepare);
    RC_ASSERT(terms.not_before < schedule.prepare);
    RC_ASSERT(schedule.prepare <= schedule.activate);
    RC_ASSERT(schedule.activate <= schedule.stop);
    RC_ASSERT(schedule.stop <= terms.not_after);
    RC_ASSERT(schedule.squeezed == lifetime_warning(terms).has_value());
    // Without squeezing, no full-length certificate is cut before the new CA signs, and all know it by then.
    if (!schedule.squeezed) {
      RC_ASSERT(schedule.activate + terms.longest_leaf <= terms.not_after);
      RC_ASSERT(schedule.activate - schedule.prepare >= terms.propagation);
    }
  }));
}
