#include "engine/job_source.hpp"

#include "engine/rate_span.hpp"

namespace csrflow::engine {

using Phase = JobState::Phase;

Duration passed_in_stage(const JobState& state, Timestamp now) {
  const bool paused_in_stage = state.phase == Phase::paused && state.before_pause == Phase::running;
  return (paused_in_stage ? state.paused_since : now) - state.stage_since;
}

StageMoment moment_of(const JobState& state, std::uint32_t stage, Timestamp now) {
  if (state.has_ended() || now >= state.plan->deadline) return {now, forever};
  return {now - job_patience, stage < state.stage ? forever : Duration{-1}};
}

StageProgress whole_progress(JobSource& source, const JobEntry& job, Timestamp now) {
  StageProgress whole;
  for (std::uint32_t stage = 0; stage < job.state.plan->stages.size(); ++stage) {
    const StageProgress one = source.progress(job.name, stage, moment_of(job.state, stage, now));
    whole.done += one.done;
    whole.failed += one.failed;
    whole.gone += one.gone;
    whole.open += one.open;
  }
  return whole;
}

}  // namespace csrflow::engine
