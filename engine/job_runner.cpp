#include "engine/job_runner.hpp"

#include <algorithm>
#include <future>
#include <utility>

#include "engine/stage_gate.hpp"

namespace csrflow::engine {
namespace {

using Phase = JobState::Phase;
using Result = std::expected<Outcome, Refusal>;

/// The same command may go through later.
bool passes_later(const Refusal& refusal) {
  return refusal.kind == Refusal::Kind::unavailable || refusal.kind == Refusal::Kind::disk_full;
}

}  // namespace

JobRunner::JobRunner(std::unique_ptr<JobSource> source, Writer& writer, const Clock& clock, HashFunction hash,
                     RateCap cap, Complain complain)
    : source_(std::move(source)),
      writer_(writer),
      clock_(clock),
      hash_(hash),
      cap_(cap),
      complain_(std::move(complain)) {}

JobRunner::~JobRunner() {
  stop();
}

void JobRunner::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

void JobRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void JobRunner::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Duration wait = between_job_looks;
    try {
      if (look() > 0) wait = between_busy_job_looks;
    } catch (const std::exception& failure) {
      complain_(std::string("jobs have to wait: ") + failure.what());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::chrono::microseconds(wait.microseconds), [] { return false; });
  }
}

std::size_t JobRunner::look() {
  source_->reach(writer_.head());
  const auto jobs = source_->jobs(false);
  std::erase_if(running_, [&](const auto& known) {
    return std::ranges::find(jobs, known.first, &JobEntry::name) == jobs.end();
  });
  std::size_t sent = 0;
  for (const JobEntry& job : jobs)
    if (job.state.phase != Phase::planned) sent += look_at(job, clock_.now());
  return sent;
}

JobRunner::Running& JobRunner::running(const JobEntry& job, Timestamp now) {
  Running& one = running_.try_emplace(job.name, Running{.rate = RateLimiter(cap_, now)}).first->second;
  if (one.stage_since != job.state.stage_since) {
    one.stage_since = job.state.stage_since;
    one.cursor = {};
    one.noted = now;
    one.noted_offset = one.stuck_to = Duration{-1};
  }
  return one;
}

std::size_t JobRunner::look_at(const JobEntry& job, Timestamp now) {
  Running& one = running(job, now);
  std::size_t sent = 0;
  if (!one.judged || now < *one.judged || now >= *one.judged + between_job_looks) {
    one.judged = now;
    if (judge(job, one, now)) return 1;
    if (job.state.phase == Phase::running) sent += try_again(job, one, now);
  }
  if (job.state.phase == Phase::running) sent += begin_due(job, one, now);
  return sent;
}

/// True: the job has changed.
bool JobRunner::judge(const JobEntry& job, Running& one, Timestamp now) {
  const JobState& state = job.state;
  if (now >= state.plan->deadline) return finish(job, now);
  if (state.phase == Phase::running) return judge_stage(job, one, now);
  if (state.phase != Phase::between_stages) return false;
  const StageReport over{.planned = 1, .done = 1, .ended = state.stage_since};
  const auto answer = stage_gate(over, now, std::max(least_stage_wait, state.plan->pause));
  return answer.kind == GateAnswer::Kind::go && tell(job, StartJobStage{state.stage});
}

bool JobRunner::judge_stage(const JobEntry& job, Running& one, Timestamp now) {
  const JobState& state = job.state;
  if (now >= one.noted + job_patience) {
    one.stuck_to = std::exchange(one.noted_offset, one.cursor.offset);
    one.noted = now;
  }
  StageMoment moment = moment_of(state, state.stage, now);
  moment.offset_to = one.stuck_to;
  const StageProgress seen = source_->progress(job.name, state.stage, moment);
  const std::uint64_t accepted = std::min<std::uint64_t>(state.accepted, seen.failed);
  StageReport report{.planned = seen.done + seen.failed + seen.open,
                     .done = seen.done + accepted,
                     .failed = seen.failed - accepted};
  if (seen.open == 0) report.ended = now;
  const auto answer = stage_gate(report, now, {});
  if (answer.kind == GateAnswer::Kind::pause)
    return tell(
        job,
        PauseJob{.by_itself = true, .reason = answer.why, .failed = static_cast<std::uint32_t>(seen.failed)});
  if (answer.kind == GateAnswer::Kind::wait) return false;
  if (state.stage + 1 >= state.plan->stages.size()) return finish(job, now);
  return tell(job, FinishJobStage{state.stage, static_cast<std::uint32_t>(seen.done),
                                  static_cast<std::uint32_t>(seen.failed)});
}

bool JobRunner::finish(const JobEntry& job, Timestamp now) {
  const StageProgress whole = whole_progress(*source_, job, now);
  return tell(job, FinishJob{static_cast<std::uint32_t>(whole.done),
                             static_cast<std::uint32_t>(whole.failed + whole.open),
                             source_->missing(job.name, most_missing_names)});
}

std::size_t JobRunner::begin_due(const JobEntry& job, Running& one, Timestamp now) {
  const std::size_t most = room(one, now);
  if (most == 0) return 0;
  const auto due = source_->due(job.name, job.state.stage, one.cursor, passed_in_stage(job.state, now), most);
  const std::size_t taken = begin(job, due);
  for (std::size_t i = 0; i < taken; ++i) one.rate.take(now);
  if (taken > 0) one.cursor = {due[taken - 1].target.offset, due[taken - 1].target.uid.text};
  return taken;
}

std::size_t JobRunner::try_again(const JobEntry& job, Running& one, Timestamp now) {
  const std::size_t most = room(one, now);
  if (most == 0) return 0;
  const auto again = source_->retries(job.name, job.state.stage, now - job_retry_wait,
                                      passed_in_stage(job.state, now), most);
  const std::size_t taken = begin(job, again);
  for (std::size_t i = 0; i < taken; ++i) one.rate.take(now);
  return taken;
}

std::size_t JobRunner::begin(const JobEntry& job, const std::vector<JobStep>& steps) {
  const JobWork& work = work_of(job.state.plan->kind);
  std::vector<std::future<Result>> answers;
  std::vector<Submission> submissions;
  for (const JobStep& step : steps) {
    std::promise<Result> promise;
    answers.push_back(promise.get_future());
    Submission submission{.stream = csr_stream(step.target.name),
                          .command = Command(work.begin(job.name, job.state, step.target, step.attempt)),
                          .context = {.actor = system_actor("job")},
                          .done = [promise = std::move(promise)](Result result) mutable {
                            promise.set_value(std::move(result));
                          }};
    submission.context.command = command_id(step.target.uid.text + '\n' + std::to_string(step.attempt), job);
    submissions.push_back(std::move(submission));
  }
  writer_.submit(std::move(submissions));
  std::size_t taken = 0;
  bool all = true;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Result answer = answers[i].get();
    if (!answer) complain_("job " + job.name + ": " + steps[i].target.name + ": " + answer.error().message);
    all = all && (answer || !passes_later(answer.error()));
    if (all) ++taken;
  }
  return taken;
}

/// For how many there is: of the job's rate, and at the writer.
std::size_t JobRunner::room(Running& one, Timestamp now) {
  if (writer_.waiting() >= WriterLimits{}.waiting / 2) return 0;
  std::size_t most = 0;
  for (RateLimiter rate = one.rate; most < targets_per_look && rate.next(now) <= now; ++most) rate.pass(now);
  return most;
}

bool JobRunner::tell(const JobEntry& job, JobCommand command) {
  Submission submission{.stream = stream_of("job", job.name),
                        .command = Command(std::move(command)),
                        .context = {.actor = system_actor("job")}};
  submission.context.command = command_id("job", job);
  const Result answer = writer_.call(std::move(submission));
  if (!answer) complain_("job " + job.name + ": " + answer.error().message);
  return answer && !answer->records.empty();
}

/// The same for every try on one version of the job.
CommandId JobRunner::command_id(std::string_view what, const JobEntry& job) const {
  const Sha256 digest = hash_("csrflow job\n" + job.name + '\n' + std::to_string(job.state.planned_at.value) +
                              '\n' + std::to_string(job.state.version.value) + '\n' + std::string(what));
  return {to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, 32)};
}

}  // namespace csrflow::engine
