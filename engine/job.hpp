// Work over many certificates at once, asked for by a person: stream `job/<name>`. It is planned first, over
// a set that does not change afterwards, and done in stages. What is done of it is read from the
// certificates' own streams, never counted, so that stops, resumptions and crashes change nothing.
#pragma once

#include "engine/csr.hpp"

namespace csrflow::engine {

/// What is done to each certificate. Words are kept in events.
enum class JobKind : std::uint8_t { rotate };
/// `rotate`.
std::string_view name_of(JobKind);
std::expected<JobKind, std::string> job_kind_of(std::string_view name);

/// One certificate of the job.
struct JobTarget {
  std::string name;  ///< of its request
  Uid uid;
  Serial serial;
  Duration offset;  ///< after the start of its stage: when it begins
  bool operator==(const JobTarget&) const = default;
};
struct JobStage {
  std::uint32_t count = 0;
  Duration span;  ///< over which its targets are spread
  bool operator==(const JobStage&) const = default;
};

struct JobPlanned {
  JobKind kind{};
  JsonText selection;  ///< as it was asked: {"signerName":…,"labels":…}
  std::string reason;  ///< `key-compromise`, or in a person's words
  std::string mode;    ///< `renew` or `rekey`; empty: as each certificate's policy says
  Timestamp deadline;
  std::uint32_t count = 0;
  std::string set_hash;  ///< SHA-256 over the streams and serials of all that were selected, lower-case hex
  std::vector<JobStage> stages;
  Duration pause;  ///< at least so long between stages
  std::string user;
};
/// Some of the targets, in the order in which they are done. As many of these events as it takes.
struct JobTargets {
  std::uint32_t stage = 0;  ///< from 0
  std::vector<JobTarget> targets;
};
struct JobStarted {};
struct JobStageStarted {
  std::uint32_t stage = 0;
};
struct JobStageDone {
  std::uint32_t stage = 0;
  std::uint32_t done = 0, failed = 0;
};
struct JobPaused {
  std::string user;  ///< empty: by itself
  std::string reason;
  std::uint32_t failed = 0;  ///< of the stage so far, when that is why
};
struct JobResumed {
  std::string user;
};
struct JobFinished {
  std::uint32_t done = 0, failed = 0;
  std::vector<std::string> missing;  ///< names of some that were not done
};
struct JobCancelled {
  std::string user, reason;
};
using JobEvent = std::variant<JobPlanned, JobTargets, JobStarted, JobStageStarted, JobStageDone, JobPaused,
                              JobResumed, JobFinished, JobCancelled>;

struct JobState {
  enum class Phase : std::uint8_t { none, planned, running, between_stages, paused, finished, cancelled };
  Version version;
  std::optional<JobPlanned> plan;
  Position planned_at;  ///< the cause of its rotations
  Timestamp planned_time;
  std::uint32_t targets = 0;  ///< recorded so far
  Phase phase = Phase::none;
  Phase before_pause = Phase::none;
  std::uint32_t stage = 0;  ///< the one that runs, or that comes next
  /// When it started, moved on by the time that it was paused; or when the one before it was done.
  Timestamp stage_since;
  Timestamp paused_since;
  std::string paused_by;  ///< empty: by itself
  std::string pause_reason;
  std::uint32_t seen_failed = 0;  ///< failures of the stage that made it pause
  std::uint32_t accepted = 0;     ///< those of them after which somebody let it go on
  Timestamp ended;
  std::uint32_t done = 0, failed = 0;  ///< of the stages that are done
  std::vector<std::string> missing;    ///< once it is finished
  bool has_ended() const { return phase == Phase::finished || phase == Phase::cancelled; }
};
/// `planned`, `running`, `between-stages`, `paused`, `finished`, `cancelled`; empty: none.
std::string_view name_of(JobState::Phase);

using PlanJob = JobPlanned;
using AddJobTargets = JobTargets;
struct StartJob {};
/// What the runner saw of the stage: recorded only when it is so in this state.
using StartJobStage = JobStageStarted;
using FinishJobStage = JobStageDone;
struct PauseJob {
  bool by_itself = false;
  std::string reason;
  std::uint32_t failed = 0;
};
/// Starts what is only planned, goes on with what is paused, and ends the wait between two stages.
struct ResumeJob {};
using FinishJob = JobFinished;
struct CancelJob {
  std::string reason;
};
using JobCommand = std::variant<PlanJob, AddJobTargets, StartJob, StartJobStage, FinishJobStage, PauseJob,
                                ResumeJob, FinishJob, CancelJob>;

std::expected<std::vector<JobEvent>, Refusal> decide(const StreamId&, const JobState&, const JobCommand&,
                                                     const Facts&);
JobState evolve(JobState, const JobEvent&, const Stamp&);

}  // namespace csrflow::engine
