#include "engine/job.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"

namespace csrflow::engine {
namespace {

using Answer = std::expected<std::vector<JobEvent>, Refusal>;
using Phase = JobState::Phase;

constexpr std::string_view phase_words[] = {"",       "planned",  "running",  "between-stages",
                                            "paused", "finished", "cancelled"};

Answer nothing() {
  return std::vector<JobEvent>{};
}
Answer refuse(Refusal::Kind kind, std::string message) {
  return std::unexpected(Refusal{.kind = kind, .message = std::move(message)});
}

struct Decider {
  const JobState& state;
  const Facts& facts;

  Answer operator()(const PlanJob& c) const {
    if (state.plan) return refuse(Refusal::Kind::already_exists, "a job of this name exists");
    return std::vector<JobEvent>{c};
  }
  Answer operator()(const AddJobTargets& c) const {
    if (state.phase != Phase::planned || state.targets + c.targets.size() > state.plan->count)
      return nothing();
    return std::vector<JobEvent>{c};
  }
  Answer operator()(const StartJob&) const {
    if (state.phase != Phase::planned) return nothing();
    if (state.targets != state.plan->count)
      return refuse(Refusal::Kind::conflict,
                    "the job has " + std::to_string(state.targets) + " of its " +
                        std::to_string(state.plan->count) +
                        " certificates: its planning was interrupted, so it can only "
                        "be cancelled");
    return std::vector<JobEvent>{JobStarted{}, JobStageStarted{0}};
  }
  Answer operator()(const StartJobStage& c) const {
    if (state.phase != Phase::between_stages || c.stage != state.stage) return nothing();
    return std::vector<JobEvent>{c};
  }
  Answer operator()(const FinishJobStage& c) const {
    if (state.phase != Phase::running || c.stage != state.stage) return nothing();
    return std::vector<JobEvent>{c};
  }
  Answer operator()(const PauseJob& c) const {
    if (auto wrong = ended()) return std::unexpected(*wrong);
    if (state.phase == Phase::planned)
      return refuse(Refusal::Kind::conflict, "the job has not been started: resume starts it");
    if (state.phase == Phase::paused) return nothing();
    return std::vector<JobEvent>{JobPaused{c.by_itself ? "" : facts.actor.user, c.reason, c.failed}};
  }
  Answer operator()(const ResumeJob&) const {
    if (auto wrong = ended()) return std::unexpected(*wrong);
    if (state.phase == Phase::planned) return (*this)(StartJob{});
    if (state.phase == Phase::between_stages) return std::vector<JobEvent>{JobStageStarted{state.stage}};
    if (state.phase != Phase::paused) return nothing();
    std::vector<JobEvent> events{JobResumed{facts.actor.user}};
    if (state.before_pause == Phase::between_stages) events.emplace_back(JobStageStarted{state.stage});
    return events;
  }
  Answer operator()(const FinishJob& c) const {
    if (!state.plan || state.phase == Phase::planned || state.has_ended()) return nothing();
    return std::vector<JobEvent>{c};
  }
  Answer operator()(const CancelJob& c) const {
    if (auto wrong = ended()) return std::unexpected(*wrong);
    return std::vector<JobEvent>{JobCancelled{facts.actor.user, c.reason}};
  }

  std::optional<Refusal> ended() const {
    if (!state.plan)
      return Refusal{.kind = Refusal::Kind::not_found, .message = "there is no job of this name"};
    if (state.has_ended())
      return Refusal{.kind = Refusal::Kind::conflict,
                     .message = "the job is " + std::string(name_of(state.phase)) + " already"};
    return std::nullopt;
  }
};

}  // namespace

std::string_view name_of(JobKind) {
  return "rotate";
}

std::expected<JobKind, std::string> job_kind_of(std::string_view name) {
  if (name == name_of(JobKind::rotate)) return JobKind::rotate;
  return std::unexpected("no kind of job is called " + std::string(name));
}

std::string_view name_of(JobState::Phase phase) {
  return phase_words[static_cast<std::size_t>(phase)];
}

Answer decide(const StreamId&, const JobState& state, const JobCommand& command, const Facts& facts) {
  return std::visit(Decider{state, facts}, command);
}

JobState evolve(JobState s, const JobEvent& event, const Stamp& stamp) {
  s.version = stamp.version;
  std::visit(overloaded{
                 [&](const JobPlanned& e) {
                   s.plan = e;
                   s.planned_at = stamp.position;
                   s.planned_time = stamp.recorded_at;
                   s.phase = Phase::planned;
                 },
                 [&](const JobTargets& e) { s.targets += static_cast<std::uint32_t>(e.targets.size()); },
                 [&](const JobStarted&) {},
                 [&](const JobStageStarted& e) {
                   s.phase = Phase::running;
                   s.stage = e.stage;
                   s.stage_since = stamp.recorded_at;
                   s.seen_failed = s.accepted = 0;
                 },
                 [&](const JobStageDone& e) {
                   s.phase = Phase::between_stages;
                   s.stage = e.stage + 1;
                   s.stage_since = stamp.recorded_at;
                   s.done += e.done;
                   s.failed += e.failed;
                 },
                 [&](const JobPaused& e) {
                   s.before_pause = s.phase;
                   s.phase = Phase::paused;
                   s.paused_since = stamp.recorded_at;
                   s.paused_by = e.user;
                   s.pause_reason = e.reason;
                   s.seen_failed = std::max(s.seen_failed, e.failed);
                 },
                 [&](const JobResumed&) {
                   s.phase = s.before_pause;
                   if (s.phase == Phase::running)
                     s.stage_since = s.stage_since + (stamp.recorded_at - s.paused_since);
                   s.paused_by.clear();
                   s.pause_reason.clear();
                   s.accepted = s.seen_failed;
                 },
                 [&](const JobFinished& e) {
                   s.phase = Phase::finished;
                   s.ended = stamp.recorded_at;
                   s.done = e.done;
                   s.failed = e.failed;
                   s.missing = e.missing;
                 },
                 [&](const JobCancelled&) {
                   s.phase = Phase::cancelled;
                   s.ended = stamp.recorded_at;
                 },
             },
             event);
  return s;
}

}  // namespace csrflow::engine
