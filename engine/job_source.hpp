// What is known of jobs, from a view: which there are, what of them is due, how far they are. How far a job
// is with a certificate comes from the certificate's own events.
#pragma once

#include "engine/job_work.hpp"

namespace csrflow::engine {

struct JobEntry {
  std::string name;
  JobState state;
};

/// How far a stage's targets have been handed out, in the order of their offsets.
struct TargetCursor {
  Duration offset{-1};
  std::string uid;
};

/// A target and the attempt that comes.
struct JobStep {
  JobTarget target;
  std::uint32_t attempt = 1;
};

/// What counts as failed at a moment: what was begun before `begun_before`, and what waits although its
/// offset is at most `offset_to`.
struct StageMoment {
  Timestamp begun_before;
  Duration offset_to{-1};
};
struct StageProgress {
  std::uint64_t done = 0, failed = 0, gone = 0;
  std::uint64_t open = 0;  ///< waiting, begun, or to be tried again
};

/// Belongs to one thread.
struct JobSource {
  virtual ~JobSource() = default;
  /// Waits until the view shows everything up to `position`.
  virtual void reach(Position position) = 0;
  /// By name; `all`: also those that have ended.
  virtual std::vector<JobEntry> jobs(bool all) = 0;
  virtual std::optional<JobEntry> job(const std::string& name) = 0;
  /// Of a stage those behind the cursor that wait and whose offset is at most `passed`, in order.
  virtual std::vector<JobStep> due(const std::string& job, std::uint32_t stage, const TargetCursor&,
                                   Duration passed, std::size_t limit) = 0;
  /// Those whose last attempt failed before `failed_before` and that may be tried again.
  virtual std::vector<JobStep> retries(const std::string& job, std::uint32_t stage, Timestamp failed_before,
                                       Duration passed, std::size_t limit) = 0;
  virtual StageProgress progress(const std::string& job, std::uint32_t stage, const StageMoment&) = 0;
  /// Names of some that are neither done nor gone.
  virtual std::vector<std::string> missing(const std::string& job, std::size_t limit) = 0;
};

/// At `now`. Of the stage that runs nothing is late for waiting: whoever begins its targets knows better.
StageMoment moment_of(const JobState&, std::uint32_t stage, Timestamp now);
/// The job's time in its stage: pauses do not count.
Duration passed_in_stage(const JobState&, Timestamp now);
/// Of all stages together.
StageProgress whole_progress(JobSource&, const JobEntry&, Timestamp now);

}  // namespace csrflow::engine
