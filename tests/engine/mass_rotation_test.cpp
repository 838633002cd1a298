#include "engine/mass_rotation.hpp"

#include <rapidcheck.h>

#include <random>
#include <set>

#include "engine/stage_gate.hpp"
#include "tests/catch.hpp"
#include "tests/engine/rotation_vectors.hpp"
#include "tests/support/sha256.hpp"

using namespace csrflow::engine;
using namespace csrflow::engine::test;
using csrflow::test::sha256;
using Sizes = std::vector<std::size_t>;

namespace {

const Timestamp noon = time_of("2026-03-01T12:00:00Z");

MassTarget target(std::size_t number) {
  return {.stream = csr_stream("web-" + std::to_string(number)),
          .serial = {std::to_string(number)},
          .not_after = noon + days(20),
          .lifetime = days(47),
          .signer = {"example.com/web"}};
}
std::vector<MassTarget> targets(std::size_t count) {
  std::vector<MassTarget> all;
  all.reserve(count);
  for (std::size_t i = 0; i < count; ++i) all.push_back(target(i));
  return all;
}
MassJob within(Duration time) {
  return {.id = "job-1",
          .start = noon,
          .deadline = noon + time,
          .wait_between_stages = seconds(300),
          .signers = {}};
}
MassPlan plan(const std::vector<MassTarget>& all, const MassJob& job) {
  return plan_mass_rotation(all, job, sha256).value();
}
std::string mistake(const std::vector<MassTarget>& all, const MassJob& job) {
  return plan_mass_rotation(all, job, sha256).error();
}
Sizes counts(const MassPlan& plan) {
  Sizes counts;
  for (const MassStage& stage : plan.stages) counts.push_back(stage.count);
  return counts;
}

}  // namespace

TEST_CASE("a hundred thousand in 24 hours at twenty a second, as a million at two hundred: 1 h 40 min") {
  CHECK(stage_sizes(1'000'000, 0) == Sizes{10, 10'000, 100'000, 889'990});
  MassJob within_a_day = within(hours(24));
  within_a_day.signers["example.com/web"].cap = {.limit = 20};
  const MassPlan job = plan(targets(100'000), within_a_day);
  CHECK(counts(job) == Sizes{10, 1'000, 10'000, 88'990});
  std::vector<Duration> spans, starts;
  for (const MassStage& stage : job.stages) {
    spans.push_back(stage.end - stage.start);
    starts.push_back(stage.start - noon);
    CHECK(stage.per_hour == 20 * 3'600);
  }
  CHECK(spans == std::vector{Duration{500'000}, seconds(50), seconds(500), Duration{4'449'500'000}});
  CHECK(starts ==
        std::vector{Duration{}, Duration{300'500'000}, Duration{650'500'000}, Duration{1'450'500'000}});
  CHECK(job.end == noon + seconds(5'900));
  // 1.29 a second with the reserve.
  CHECK(job.needed_per_hour == 4'630);
  CHECK(job.fits);
  CHECK(job.hindered.empty());
  CHECK_FALSE(job.signers.at("example.com/web").binds);
  CHECK(job.bucket == seconds(120));
  CHECK(job.load.size() == 50);
  CHECK(std::ranges::max(job.load) <= 120 * 20 + 1);
}

TEST_CASE("small sets have fewer stages, and each is larger than the one before") {
  CHECK(stage_sizes(1, 0) == Sizes{1});
  CHECK(stage_sizes(2, 0) == Sizes{1, 1});
  CHECK(stage_sizes(10, 0) == Sizes{1, 9});
  CHECK(stage_sizes(20, 0) == Sizes{1, 2, 17});
  CHECK(stage_sizes(100, 0) == Sizes{1, 10, 89});
  CHECK(stage_sizes(1'000, 0) == Sizes{1, 10, 100, 889});
  CHECK(stage_sizes(5'000, 0) == Sizes{5, 50, 500, 4'445});
  CHECK(stage_sizes(10'000, 0) == Sizes{10, 100, 1'000, 8'890});
}

TEST_CASE("labelled canaries are the first stage, a tenth of all at most") {
  CHECK(stage_sizes(10'000, 3) == Sizes{3, 100, 1'000, 8'897});
  CHECK(stage_sizes(10'000, 400) == Sizes{400, 1'000, 8'600});
  CHECK(stage_sizes(10'000, 10'000) == Sizes{1'000, 9'000});
  CHECK(stage_sizes(4, 4) == Sizes{1, 3});

  std::vector<MassTarget> all = targets(1'000);
  all[500].canary = all[700].canary = true;
  const MassPlan job = plan(all, within(hours(24)));
  CHECK(job.stages[0].count == 2);
  CHECK(std::set{job.rotations[0].target, job.rotations[1].target} == std::set<std::uint32_t>{500, 700});
}

TEST_CASE("a new key needs somebody who makes it, and a key that others know is not kept") {
  std::vector<MassTarget> all = targets(6);
  all[1].mode = RotationMode::rekey;
  all[2].mode = RotationMode::rekey;
  all[2].agent = AgentState::silent;
  all[3].mode = RotationMode::rekey;
  all[3].agent = AgentState::present;
  all[4].mode = RotationMode::announce;
  all[5].mode = RotationMode::none;
  MassJob job = within(hours(24));
  const std::vector<Hindered> always{
      {1, Obstacle::no_agent}, {2, Obstacle::agent_silent}, {4, Obstacle::not_ours}, {5, Obstacle::not_ours}};
  CHECK(plan(all, job).hindered == always);
  CHECK(plan(all, job).rotations.size() == 2);

  job.reason = JobReason::key_compromise;
  std::vector<Hindered> compromised = always;
  compromised.insert(compromised.begin(), {0, Obstacle::rekey_needed});
  const MassPlan stricter = plan(all, job);
  CHECK(stricter.hindered == compromised);
  REQUIRE(stricter.rotations.size() == 1);
  CHECK(stricter.rotations[0].target == 3);
  CHECK(sentence_of(Obstacle::rekey_needed) ==
        "its key must be replaced, and its mode renew keeps the key: give it the mode rekey");
}

TEST_CASE("nothing is planned under a CA that ends first, and it is counted what a CA's end makes shorter") {
  MassJob job = within(hours(24));
  job.signers["example.com/web"].ends = noon + hours(24);
  const MassPlan too_near = plan(targets(3), job);
  CHECK(too_near.hindered.size() == 3);
  CHECK(too_near.hindered[0].why == Obstacle::ca_near_end);
  CHECK(too_near.stages.empty());
  CHECK(too_near.end == noon);
  job.signers["example.com/web"].ends = noon + days(30);
  CHECK(plan(targets(3), job).cut == 3);
  job.signers["example.com/web"].ends = noon + days(48);
  CHECK(plan(targets(3), job).cut == 0);
}

TEST_CASE("where the cap is too low, it is said which signer's, who is too late, and what would do") {
  MassJob job = within(hours(1));
  job.signers["example.com/web"].cap = {.limit = 1};
  std::vector<MassTarget> all = targets(5'000);
  for (std::size_t i = 0; i < 500; ++i) all[i].signer = {"example.com/mail"};
  const MassPlan slow = plan(all, job);
  CHECK_FALSE(slow.fits);
  const SignerShare& web = slow.signers.at("example.com/web");
  CHECK(web.count == 4'500);
  CHECK(web.binds);
  CHECK_FALSE(slow.signers.at("example.com/mail").binds);
  CHECK(slow.hindered.size() > 1'000);
  for (const Hindered& one : slow.hindered) CHECK(one.why == Obstacle::cap_too_low);
  // 54 minutes with the reserve, less three waits: 39 minutes.
  CHECK(web.needed_per_hour == (4'500 * 60 + 38) / 39);

  job.signers["example.com/web"].cap = {.limit = *web.needed_per_hour, .period = hours(1)};
  const MassPlan enough = plan(all, job);
  CHECK(enough.fits);
  CHECK(enough.end <= noon + seconds(54 * 60));
}

TEST_CASE("a cap of one a year does not plan beyond a thousand years a stage") {
  MassJob job = within(hours(1));
  job.signers["example.com/web"].cap = {.limit = 1, .period = days(365'000)};
  const MassPlan slow = plan(targets(20'000), job);
  CHECK_FALSE(slow.fits);
  CHECK(slow.end > noon + days(365'000));
  CHECK(slow.load.size() <= 61);
}

TEST_CASE("no rate would do when the waits alone are longer") {
  const MassPlan job = plan(targets(1'000), within(seconds(600)));
  CHECK_FALSE(job.fits);
  CHECK_FALSE(job.signers.at("example.com/web").needed_per_hour);
  CHECK_FALSE(job.signers.at("example.com/web").binds);
}

TEST_CASE("in a stage the nearest expiry goes first; those that end before their turn are counted") {
  std::vector<MassTarget> all = targets(400);
  std::mt19937_64 random(7);
  for (MassTarget& one : all) one.not_after = noon + seconds(static_cast<std::int64_t>(random() % 2'000));
  MassJob job = within(hours(24));
  job.signers["example.com/web"].cap = {.limit = 1};
  const MassPlan made = plan(all, job);
  std::uint64_t ended = 0;
  Timestamp before;
  for (const MassStage& stage : made.stages) {
    for (std::size_t i = stage.first; i < stage.first + stage.count; ++i) {
      const MassTarget& one = all[made.rotations[i].target];
      CHECK(one.not_after >= before);
      before = one.not_after;
      ended += made.instant_of(stage, i) > one.not_after;
    }
  }
  CHECK(made.expire_first == ended);
  CHECK(ended > 0);
}

TEST_CASE("another job has another order among equals; the same job has the same") {
  const auto order = [](const std::string& id) {
    MassJob job = within(hours(24));
    job.id = id;
    std::vector<std::uint32_t> found;
    for (const PlannedRotation& r : plan(targets(100), job).rotations) found.push_back(r.target);
    return found;
  };
  CHECK(order("job-1") == order("job-1"));
  CHECK(order("job-1") != order("job-2"));
}

TEST_CASE("the jitter is that of rotations, with the job after the serial number") {
  const MassPlan one = plan({target(1)}, within(hours(24)));
  const Sha256 digest =
      sha256(std::string("csrflow rotation jitter v1\0csr/web-1\0"
                         "1\0job\0job-1",
                         48));
  std::uint64_t h = 0;
  for (std::size_t i = 0; i < 8; ++i) h = h << 8 | digest[i];
  CHECK(one.rotations[0].after == Duration{static_cast<std::int64_t>((h >> 32) * 5'000 >> 32)});
}

TEST_CASE("the set is named by its content, in whatever order it is listed") {
  std::vector<MassTarget> all = targets(3);
  const Sha256 set = plan(all, within(hours(24))).set;
  CHECK(set == sha256(std::string("csrflow mass rotation v1\0"
                                  "csr/web-0\0"
                                  "30\n"
                                  "csr/web-1\0"
                                  "31\n"
                                  "csr/web-2\0"
                                  "32\n",
                                  25 + 3 * 13)));
  std::ranges::reverse(all);
  CHECK(plan(all, within(hours(1))).set == set);
  all[0].serial.content += '\0';
  CHECK(plan(all, within(hours(24))).set != set);
}

TEST_CASE("what is wrong with a job is said with what to do") {
  CHECK(mistake({}, within(hours(1))) ==
        "no certificate is selected, so there is nothing to rotate: widen the selection");
  CHECK(mistake(targets(1), within(Duration{})) ==
        "the deadline 2026-03-01T12:00:00Z is not after the start 2026-03-01T12:00:00Z: give the job more "
        "time");
  CHECK(mistake({target(1), target(2), target(1)}, within(hours(1))) ==
        "csr/web-1 with serial number 31 is in the list twice: name each certificate once");
}

TEST_CASE("whatever is planned: each target is in one stage or hindered, and what fits is in time") {
  CHECK(rc::check("drawn jobs", [] {
    std::vector<MassTarget> all = targets(*rc::gen::inRange<std::size_t>(1, 300));
    MassJob job = within(seconds(*rc::gen::inRange<std::int64_t>(1, 8'000)));
    job.reason = *rc::gen::element(JobReason::key_compromise, JobReason::other);
    job.wait_between_stages = seconds(*rc::gen::inRange<std::int64_t>(0, 600));
    job.signers["example.com/web"].cap = {.limit = *rc::gen::inRange<std::int64_t>(1, 100),
                                          .period = seconds(*rc::gen::inRange<std::int64_t>(1, 100))};
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint32_t>());
    for (MassTarget& one : all) {
      one.not_after = noon + seconds(static_cast<std::int64_t>(random() % 100'000));
      one.canary = random() % 50 == 0;
      one.mode = static_cast<RotationMode>(random() % 2);
      one.agent = static_cast<AgentState>(random() % 3);
      if (random() % 3 == 0) one.signer = {"example.com/mail"};
    }
    const MassPlan made = plan(all, job);

    std::multiset<std::uint32_t> seen;
    bool late = false;
    std::size_t next = 0;
    Timestamp begin = job.start;
    for (const MassStage& stage : made.stages) {
      RC_ASSERT(stage.first == next);
      RC_ASSERT(stage.count > 0U);
      RC_ASSERT(stage.start >= begin);
      std::map<std::string, std::vector<std::int64_t>> per_signer;
      for (; next < stage.first + stage.count; ++next) {
        const std::uint32_t index = made.rotations[next].target;
        const Timestamp at = made.instant_of(stage, next);
        RC_ASSERT(at >= stage.start);
        RC_ASSERT(at < stage.end);
        RC_ASSERT((next == stage.first || at >= made.instant_of(stage, next - 1)));
        late = late || at > job.deadline;
        seen.insert(index);
        per_signer[all[index].signer.text].push_back(at.microseconds);
        if (job.reason == JobReason::key_compromise) RC_ASSERT(all[index].mode == RotationMode::rekey);
      }
      // The caps hold: at most one more than what the rate gives at each end of an interval.
      for (const auto& [name, times] : per_signer) {
        const RateCap cap = made.signers.at(name).cap;
        const std::int64_t spacing = cap.period.microseconds / cap.limit;
        for (std::size_t a = 0; a < times.size(); a += 3) {
          for (std::size_t b = a; b < times.size(); b += 3)
            RC_ASSERT(static_cast<std::int64_t>(b - a) <= (times[b] - times[a]) / spacing + 2);
        }
      }
      begin = stage.end + job.wait_between_stages;
    }
    RC_ASSERT(next == made.rotations.size());
    RC_ASSERT(made.fits == !late);
    for (const Hindered& one : made.hindered) {
      if (one.why != Obstacle::cap_too_low) seen.insert(one.target);
    }
    RC_ASSERT(seen.size() == all.size());
    RC_ASSERT(std::set<std::uint32_t>(seen.begin(), seen.end()).size() == all.size());
    std::uint64_t drawn = 0;
    for (const std::uint64_t count : made.load) drawn += count;
    RC_ASSERT(drawn == made.rotations.size());
  }));
}

// ---- between stages -----------------------------------------------------------------------------

TEST_CASE("between stages there are five minutes, or twice what a reload takes") {
  CHECK(wait_between_stages(seconds(10)) == seconds(300));
  CHECK(wait_between_stages(seconds(200)) == seconds(400));
}

TEST_CASE("a job goes on when the wait after a sound stage is over") {
  using Kind = GateAnswer::Kind;
  StageReport stage{.planned = 100, .done = 97, .failed = 2};
  CHECK(stage_gate(stage, noon, seconds(300)).kind == Kind::wait);
  CHECK(stage_gate(stage, noon, seconds(300)).why == "99 of 100 are done or have failed");
  stage.done = 98;
  stage.ended = noon;
  CHECK(stage_gate(stage, noon + seconds(299), seconds(300)).until == noon + seconds(300));
  CHECK(stage_gate(stage, noon + seconds(300), seconds(300)).kind == Kind::go);
}

TEST_CASE("a job pauses as soon as more than two in a hundred have failed, or something is down") {
  using Kind = GateAnswer::Kind;
  const GateAnswer failing = stage_gate({.planned = 100, .done = 4, .failed = 3}, noon, seconds(300));
  CHECK(failing.kind == Kind::pause);
  CHECK(failing.why == "3 of 100 failed, which is more than 2 %: see why, then resume or cancel the job");
  CHECK(stage_gate({.planned = 10, .done = 9, .failed = 1}, noon, seconds(300)).kind == Kind::pause);
  CHECK(stage_gate({.planned = 10, .outage = true}, noon, seconds(300)).kind == Kind::pause);
}
