// Does what jobs have planned: it looks at their view, begins what is due, ends stages and goes on with the
// next, through the writer's door like everybody. It holds nothing that a restart could lose.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "engine/job_source.hpp"
#include "engine/rate_limit.hpp"
#include "engine/writer.hpp"

namespace csrflow::engine {

/// Of all jobs, at a time; and only while less than half of the writer's queue is taken.
constexpr std::size_t targets_per_look = 64;
constexpr Duration between_job_looks = seconds(1);
/// While something is due. How far a job is, is not asked more often than once in the time above.
constexpr Duration between_busy_job_looks{100'000};
/// Names that a finished job says are missing.
constexpr std::size_t most_missing_names = 100;

class JobRunner {
 public:
  using Complain = std::function<void(const std::string&)>;

  /// All outlive it. `cap`: what is behind its time, after a pause or a restart, catches up at this rate.
  JobRunner(std::unique_ptr<JobSource>, Writer&, const Clock&, HashFunction, RateCap cap, Complain);
  ~JobRunner();

  void start();
  void stop();

  /// One look at all jobs; returns how many commands it sent.
  std::size_t look();

 private:
  /// What is remembered of a job between looks.
  struct Running {
    RateLimiter rate;
    Timestamp stage_since;
    TargetCursor cursor;  ///< what a command did not change is not sent again
    std::optional<Timestamp> judged;
    /// How far the cursor was when it was noted last, and the time before: what waits up to there is stuck.
    Timestamp noted;
    Duration noted_offset{-1}, stuck_to{-1};
  };

  void run(std::stop_token);
  std::size_t look_at(const JobEntry&, Timestamp now);
  Running& running(const JobEntry&, Timestamp now);
  bool judge(const JobEntry&, Running&, Timestamp now);
  bool judge_stage(const JobEntry&, Running&, Timestamp now);
  bool finish(const JobEntry&, Timestamp now);
  std::size_t begin_due(const JobEntry&, Running&, Timestamp now);
  std::size_t try_again(const JobEntry&, Running&, Timestamp now);
  /// How many of the first were taken.
  std::size_t begin(const JobEntry&, const std::vector<JobStep>&);
  std::size_t room(Running&, Timestamp now);
  bool tell(const JobEntry&, JobCommand);
  CommandId command_id(std::string_view what, const JobEntry&) const;

  const std::unique_ptr<JobSource> source_;
  Writer& writer_;
  const Clock& clock_;
  const HashFunction hash_;
  const RateCap cap_;
  const Complain complain_;
  std::map<std::string, Running> running_;  // by job; owned by the runner's thread
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace csrflow::engine
