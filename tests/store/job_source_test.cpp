// Jobs in the views: which certificates are meant, what is due, and how far it is, by the certificates' own
// events.
#include "store/job_source.hpp"

#include "store/candidate_source.hpp"
#include "store/replay.hpp"
#include "tests/catch.hpp"
#include "tests/store/views_fixture.hpp"

namespace csrflow::store {
namespace {

using namespace test;
using Names = std::vector<std::string>;

Happening of_job(engine::JobEvent event) {
  return {engine::stream_of("job", "drill"), std::move(event)};
}
engine::JobPlanned planned(std::uint32_t count) {
  return {.kind = engine::JobKind::rotate,
          .selection = {R"({"signerName":"example.com/web"})"},
          .reason = "drill",
          .mode = "renew",
          .deadline = day_ninety,
          .count = count,
          .set_hash = "00",
          .stages = {{1, engine::seconds(1)}, {count - 1, engine::seconds(10)}},
          .pause = engine::seconds(300),
          .user = "jane"};
}
engine::JobTarget target(const std::string& name, std::int64_t begins) {
  return {name, uid_of(name), some_serial, engine::seconds(begins)};
}
Names names_of(const std::vector<engine::JobStep>& steps) {
  Names names;
  for (const auto& step : steps) names.push_back(step.target.name);
  return names;
}
Names names_of(const std::vector<engine::JobCandidate>& candidates) {
  Names names;
  for (const auto& one : candidates) names.push_back(one.target.stream.name());
  return names;
}

struct Views : Installation {
  Views() { start(); }
  void certify(const std::string& name, const engine::StringMap& labels = {}) {
    commit({on(name, created(name, labels)), on(name, approved(name)), on(name, issuing(name)),
            on(name, signed_for(name))});
  }
  /// Over jane (stage 0), joe and eve (stage 1).
  engine::Position job() {
    for (const std::string name : {"jane", "joe", "eve"}) certify(name);
    const auto planned_at = commit({of_job(planned(3))});
    commit({of_job(engine::JobTargets{0, {target("jane", 0)}}),
            of_job(engine::JobTargets{1, {target("eve", 1), target("joe", 5)}}), of_job(engine::JobStarted{}),
            of_job(engine::JobStageStarted{0})});
    return planned_at;
  }
  engine::RotationDue due_for(const std::string& name, engine::Position cause, std::uint32_t attempt) {
    engine::RotationDue event;
    event.uid = uid_of(name);
    event.serial = some_serial;
    event.cause = cause;
    event.attempt = attempt;
    event.mode = "renew";
    event.policy = "job";
    event.reason = "emergency";
    event.job = "drill";
    event.successor = name + ".2";
    return event;
  }
  engine::RotationFailed failed(const std::string& name, engine::Position cause, std::uint32_t attempt,
                                bool lasting = false) {
    return {uid_of(name), some_serial, cause, attempt, name + ".2", "Denied", "", lasting};
  }
  SqliteJobSource source() { return {directory.files(), *views}; }
  bool equal_after_replay() {
    for (const auto& table : replay(temporary.path(), presenter, sha256, paper_forms).tables)
      if ((table.table == "job" || table.table == "job_target") && (table.differing > 0 || table.rows == 0))
        return false;
    return true;
  }
};

TEST_CASE("a job comes back from the views as its events left it") {
  Views it;
  const auto planned_at = it.job();
  it.commit({of_job(engine::JobPaused{"", "2 of 3 failed", 2})});
  auto source = it.source();
  const auto job = source.job("drill");
  REQUIRE(job);
  CHECK(job->state.planned_at == planned_at);
  CHECK(job->state.plan->stages == planned(3).stages);
  CHECK(job->state.phase == engine::JobState::Phase::paused);
  CHECK(job->state.before_pause == engine::JobState::Phase::running);
  CHECK((job->state.targets == 3 && job->state.seen_failed == 2));
  CHECK(job->state.pause_reason == "2 of 3 failed");
  CHECK_FALSE(source.job("nobody"));
  CHECK(source.jobs(false).size() == 1);
  it.commit({of_job(engine::JobFinished{1, 2, {"joe", "eve"}})});
  CHECK(source.jobs(false).empty());
  CHECK(source.jobs(true).front().state.missing == Names{"joe", "eve"});
}

TEST_CASE("what is due comes in order, behind the cursor, by its stage's time") {
  Views it;
  it.job();
  auto source = it.source();
  CHECK(names_of(source.due("drill", 0, {}, {}, 10)) == Names{"jane"});
  CHECK(source.due("drill", 1, {}, {}, 10).empty());
  CHECK(names_of(source.due("drill", 1, {}, engine::seconds(9), 10)) == Names{"eve", "joe"});
  CHECK(names_of(source.due("drill", 1, {}, engine::seconds(9), 1)) == Names{"eve"});
  const engine::TargetCursor behind{engine::seconds(1), uid_of("eve").text};
  CHECK(names_of(source.due("drill", 1, behind, engine::seconds(9), 10)) == Names{"joe"});
  CHECK(source.due("drill", 0, {}, {}, 10).front().target.serial == some_serial);
}

TEST_CASE("how far a job is follows from its certificates' own events") {
  Views it;
  const auto cause = it.job();
  auto source = it.source();
  const engine::StageMoment now{day_one};
  const auto far = day_ninety + engine::seconds(1);

  it.commit({on("eve", it.due_for("eve", cause, 1)), on("joe", it.due_for("joe", cause, 1))});
  CHECK(source.progress("drill", 1, now).open == 2);
  CHECK(source.due("drill", 1, {}, engine::seconds(9), 10).empty());
  CHECK(source.progress("drill", 1, {far}).failed == 2);  // too long under way

  it.commit({on("eve", it.failed("eve", cause, 1)), on("joe", rotated("joe", "joe.2"))});
  CHECK(source.progress("drill", 1, now).done == 1);
  const auto again = source.retries("drill", 1, far, engine::seconds(9), 10);
  REQUIRE(names_of(again) == Names{"eve"});
  CHECK(again.front().attempt == 2);
  CHECK(source.retries("drill", 1, day_one, engine::seconds(9), 10).empty());

  it.commit({on("eve", it.due_for("eve", cause, 2)), on("eve", it.failed("eve", cause, 2, true))});
  CHECK(source.retries("drill", 1, far, engine::seconds(9), 10).empty());
  CHECK(source.progress("drill", 1, now).failed == 1);
  CHECK(source.missing("drill", 10) == Names{"jane", "eve"});

  it.commit({on("jane", deleted("jane"))});
  CHECK(source.progress("drill", 0, now).gone == 1);
  CHECK(source.missing("drill", 10) == Names{"eve"});
  CHECK(it.equal_after_replay());
}

TEST_CASE("a rotation that another cause began and that failed leaves the job all its attempts") {
  Views it;
  it.job();
  auto source = it.source();
  it.commit({on("joe", it.failed("joe", {4}, 3))});
  const auto again = source.retries("drill", 1, day_ninety, engine::seconds(9), 10);
  REQUIRE(again.size() == 1);
  CHECK(again.front().attempt == 1);
}

TEST_CASE("what was replaced before the plan was recorded is done") {
  Views it;
  for (const std::string name : {"jane", "joe"}) it.certify(name);
  it.commit({on("jane.2", successor("jane.2", "jane")), on("jane", rotated("jane", "jane.2"))});
  it.commit({of_job(planned(2)), of_job(engine::JobTargets{0, {target("jane", 0), target("joe", 0)}})});
  const auto seen = it.source().progress("drill", 0, {});
  CHECK((seen.done == 1 && seen.open == 1));
  CHECK(it.equal_after_replay());
}

TEST_CASE("a job is planned over what is live, valid and not replaced") {
  Views it;
  it.certify("jane", {{"tier", "web"}});
  it.certify("joe", {{"tier", "shop"}, {"csrflow.io/agent", "joe.example.com"}});
  it.certify("eve");
  it.certify("old");
  it.commit({on("new", successor("new", "old")), on("old", rotated("old", "new"))});
  it.commit({on("eve", deleted("eve"))});
  SqliteCandidateSource source(it.directory.files(), *it.views);
  const engine::JobSelection all{.signer = {"example.com/web"}, .labels = {}, .names = {}};
  const auto found = source.candidates(all, day_one, 10);
  REQUIRE(names_of(found) == Names{"jane", "joe"});
  CHECK(found[0].target.serial == some_serial);
  CHECK(found[0].target.not_after == day_ninety);
  CHECK(found[0].target.agent == engine::AgentState::none);
  CHECK(found[1].target.agent == engine::AgentState::present);
  CHECK(found[0].job.empty());

  CHECK(source.candidates(all, day_ninety, 10).empty());
  CHECK(source.candidates({.signer = {"example.com/other"}, .labels = {}, .names = {}}, day_one, 10).empty());
  CHECK(names_of(source.candidates({{}, {{"tier", "web"}}, {}}, day_one, 10)) == Names{"jane"});
  CHECK(names_of(source.candidates({{}, {}, {"joe", "jane", "joe", "eve"}}, day_one, 10)) ==
        Names{"jane", "joe"});
}

TEST_CASE("a certificate that a job has which has not ended says so") {
  Views it;
  it.job();
  SqliteCandidateSource source(it.directory.files(), *it.views);
  CHECK(source.candidates({}, day_one, 10).front().job == "drill");
  it.commit({of_job(engine::JobCancelled{"jane", "false alarm"})});
  CHECK(source.candidates({}, day_one, 10).front().job.empty());
}

TEST_CASE("the steady load is what rotates anyway, by buckets") {
  Views it;
  it.commit({on("jane", renewing("jane")), on("jane", approved("jane")), on("jane", issuing("jane")),
             on("jane", signed_for("jane"))});
  SqliteCandidateSource source(it.directory.files(), *it.views);
  const auto load = source.steady_load(day_one, engine::seconds(9 * 86'400), 10);
  REQUIRE(load.size() == 10);
  CHECK(load[0] == 0);
  CHECK(load[6] + load[7] == 1);  // from 60 to 75 % of 90 days
  CHECK(source.steady_load(day_one, engine::seconds(60), 0).empty());
}

}  // namespace
}  // namespace csrflow::store
