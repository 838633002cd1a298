// The life of a job: what is decided, and what its events come to.
#include "engine/job.hpp"

#include "engine/event.hpp"
#include "tests/engine/story.hpp"

using namespace csrflow::test;

namespace {

using Phase = JobState::Phase;

const StreamId stream = stream_of("job", "web-keys");

JobPlanned planned(std::uint32_t count = 3) {
  return {.kind = JobKind::rotate,
          .selection = {R"({"signerName":"example.com/web"})"},
          .reason = "key-compromise",
          .mode = "rekey",
          .deadline = from_seconds(1'790'086'400),
          .count = count,
          .set_hash = "00",
          .stages = {{1, seconds(10)}, {2, seconds(20)}},
          .pause = seconds(300),
          .user = "jane"};
}
JobTargets targets(std::uint32_t stage, std::size_t count) {
  JobTargets event{.stage = stage, .targets = {}};
  for (std::size_t i = 0; i < count; ++i)
    event.targets.push_back({"web-" + std::to_string(i), {"uid"}, {"serial"}, seconds(1)});
  return event;
}

/// A job, and the log that it is in.
struct Job {
  JobState state;
  PaperIssuer issuer;
  Timestamp now = from_seconds(1'790'000'000);
  std::uint64_t position = 0;
  std::string user = "jane";

  Job& given(const std::vector<JobEvent>& events) {
    for (const JobEvent& event : events) {
      ++position;
      state = evolve(std::move(state), event, {{position}, stream, {position}, now, {}});
    }
    return *this;
  }
  /// The words of the events, or why it was refused.
  std::vector<std::string> when(const JobCommand& command) {
    Facts facts{.now = now, .clock_behind = {}, .actor = {.user = user}, .issuer = issuer, .name_taken = {}};
    const auto events = decide(stream, state, command, facts);
    if (!events) return {"refused: " + events.error().message};
    std::vector<std::string> types;
    for (const JobEvent& event : *events) types.emplace_back(type_of(Event(event)));
    given(*events);
    return types;
  }
  Job& started() {
    return given({planned(), targets(0, 1), targets(1, 2), JobStarted{}, JobStageStarted{0}});
  }
};
using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a job starts once all of its certificates are recorded") {
  Job job;
  CHECK(job.when(PlanJob(planned())) == Words{"planned"});
  CHECK(job.when(targets(0, 1)) == Words{"targets"});
  CHECK(job.when(StartJob{}) ==
        Words{"refused: the job has 1 of its 3 certificates: its planning was interrupted, so it can only be "
              "cancelled"});
  CHECK(job.when(targets(1, 3)).empty());  // more than were planned
  CHECK(job.when(targets(1, 2)) == Words{"targets"});
  CHECK(job.when(StartJob{}) == Words{"started", "stage_started"});
  CHECK(job.when(StartJob{}).empty());
  CHECK(job.state.phase == Phase::running);
}

TEST_CASE("a planned job whose recording was interrupted can be cancelled, and is not stopped") {
  Job job;
  job.given({planned(), targets(0, 1)});
  CHECK(job.when(PauseJob{}) == Words{"refused: the job has not been started: resume starts it"});
  CHECK(job.when(CancelJob{"false alarm"}) == Words{"cancelled"});
  CHECK(job.when(ResumeJob{}) == Words{"refused: the job is cancelled already"});
}

TEST_CASE("a name is a job's for good") {
  Job job;
  job.given({planned(), JobCancelled{"jane", ""}});
  CHECK(job.when(PlanJob(planned())) == Words{"refused: a job of this name exists"});
}

TEST_CASE("a stop moves the stage by as long as it lasts and keeps everything else") {
  Job job;
  job.started();
  const Timestamp began = job.state.stage_since;
  job.now = job.now + seconds(4);
  CHECK(job.when(PauseJob{.by_itself = false, .reason = "lunch"}) == Words{"paused"});
  CHECK((job.state.paused_by == "jane" && job.state.pause_reason == "lunch"));
  CHECK(job.when(PauseJob{}).empty());
  job.now = job.now + seconds(60);
  CHECK(job.when(ResumeJob{}) == Words{"resumed"});
  CHECK(job.when(ResumeJob{}).empty());
  CHECK(job.state.phase == Phase::running);
  CHECK(job.state.stage_since == began + seconds(60));
  CHECK((job.state.targets == 3 && job.state.plan->count == 3 && job.state.stage == 0));
}

TEST_CASE("who resumes between two stages has looked: the next one begins at once") {
  Job job;
  job.started().given({JobStageDone{0, 1, 0}});
  CHECK(job.state.phase == Phase::between_stages);
  CHECK(job.when(ResumeJob{}) == Words{"stage_started"});
  CHECK((job.state.phase == Phase::running && job.state.stage == 1));

  Job stopped;
  stopped.started().given({JobStageDone{0, 1, 0}, JobPaused{"jane", "lunch"}});
  CHECK(stopped.when(StartJobStage{1}).empty());
  CHECK(stopped.when(ResumeJob{}) == Words{"resumed", "stage_started"});
}

TEST_CASE("failures after which somebody let a job go on count no more in that stage") {
  Job job;
  job.started().given({JobPaused{"", "2 of 3 failed", 2}});
  CHECK(job.state.accepted == 0);
  CHECK(job.when(ResumeJob{}) == Words{"resumed"});
  CHECK(job.state.accepted == 2);
  job.given({JobStageDone{0, 0, 1}, JobStageStarted{1}});
  CHECK(job.state.accepted == 0);
}

TEST_CASE("what comes late or twice changes nothing") {
  Job job;
  job.started();
  CHECK(job.when(StartJobStage{1}).empty());
  CHECK(job.when(FinishJobStage{1, 0, 0}).empty());
  CHECK(job.when(FinishJobStage{0, 1, 0}) == Words{"stage_done"});
  CHECK(job.when(FinishJobStage{0, 1, 0}).empty());
  CHECK(job.when(StartJobStage{1}) == Words{"stage_started"});
  CHECK(job.when(FinishJob{3, 0, {}}) == Words{"finished"});
  CHECK(job.when(FinishJob{3, 0, {}}).empty());
  CHECK(job.when(PauseJob{}) == Words{"refused: the job is finished already"});
}

TEST_CASE("a job that is stopped when its deadline passes is finished, too") {
  Job job;
  job.started().given({JobPaused{"jane", "lunch"}});
  CHECK(job.when(FinishJob{0, 3, {"web-0"}}) == Words{"finished"});
  CHECK(job.state.missing == Words{"web-0"});
}
