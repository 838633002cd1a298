// A job at work on a clock that is a value: what it begins when, and that stops, crashes and failures change
// neither its set nor its end.
#include "engine/job_runner.hpp"

#include "tests/engine/story.hpp"
#include "tests/support/memory_log.hpp"

using namespace csrflow::test;

namespace {

using Phase = JobState::Phase;
using Names = std::vector<std::string>;

struct Row {
  std::string job;
  std::uint32_t stage = 0;
  JobTarget target;
  Position planned_at;
  TargetPhase phase = TargetPhase::waiting;
  Timestamp since;
  std::uint32_t attempt = 0;
  bool lasting = false;
};

/// The view of jobs, in memory, from the same events.
class MemoryJobs : public Follower {
 public:
  void committed(const std::shared_ptr<const Batch>& batch) override {
    const std::lock_guard lock(mutex);
    for (const Record& record : *batch) apply(record);
  }
  std::mutex mutex;
  std::map<std::string, JobState> jobs;  // guarded by mutex, as rows
  std::vector<Row> rows;

 private:
  void apply(const Record& record) {
    if (const auto* event = record.csr_event()) return apply(record.stamp, *event);
    const auto* event = std::get_if<JobEvent>(record.event.get());
    if (!event) return;
    const std::string name = record.stamp.stream.name();
    jobs[name] = std::get<JobState>(*record.after);
    if (const auto* more = std::get_if<JobTargets>(event))
      for (const JobTarget& target : more->targets)
        rows.push_back({name, more->stage, target, jobs[name].planned_at});
  }
  void apply(const Stamp& stamp, const CsrEvent& event) {
    const auto step = work_of(JobKind::rotate).step(event);
    if (!step) return;
    for (Row& row : rows) {
      if (row.target.uid != step->uid || row.phase == TargetPhase::done) continue;
      if (step->phase == TargetPhase::begun && step->cause != row.planned_at) continue;
      row.phase = step->phase;
      row.since = stamp.recorded_at;
      row.lasting = step->lasting;
      if (step->attempt > 0) row.attempt = step->attempt;
    }
  }
};

class MemoryJobSource : public JobSource {
 public:
  explicit MemoryJobSource(MemoryJobs& view) : view_(view) {}
  void reach(Position) override {}
  std::vector<JobEntry> jobs(bool all) override {
    const std::lock_guard lock(view_.mutex);
    std::vector<JobEntry> found;
    for (const auto& [name, state] : view_.jobs)
      if (all || !state.has_ended()) found.push_back({name, state});
    return found;
  }
  std::optional<JobEntry> job(const std::string& name) override {
    const std::lock_guard lock(view_.mutex);
    return JobEntry{name, view_.jobs.at(name)};
  }
  std::vector<JobStep> due(const std::string& job, std::uint32_t stage, const TargetCursor& cursor,
                           Duration passed, std::size_t limit) override {
    return steps(job, stage, limit, [&](const Row& row) {
      return row.phase == TargetPhase::waiting && row.target.offset <= passed &&
             std::tie(row.target.offset, row.target.uid.text) > std::tie(cursor.offset, cursor.uid);
    });
  }
  std::vector<JobStep> retries(const std::string& job, std::uint32_t stage, Timestamp before, Duration passed,
                               std::size_t limit) override {
    return steps(job, stage, limit, [&](const Row& row) {
      return row.phase == TargetPhase::failed && !row.lasting && row.attempt < job_attempts &&
             row.since <= before && row.target.offset <= passed;
    });
  }
  StageProgress progress(const std::string& job, std::uint32_t stage, const StageMoment& moment) override {
    const std::lock_guard lock(view_.mutex);
    StageProgress seen;
    for (const Row& row : view_.rows) {
      if (row.job != job || row.stage != stage) continue;
      const bool failed =
          (row.phase == TargetPhase::failed && (row.lasting || row.attempt >= job_attempts)) ||
          (row.phase == TargetPhase::begun && row.since < moment.begun_before) ||
          (row.phase == TargetPhase::waiting && row.target.offset <= moment.offset_to);
      seen.done += row.phase == TargetPhase::done;
      seen.gone += row.phase == TargetPhase::gone;
      seen.failed += failed;
      seen.open += !failed && row.phase != TargetPhase::done && row.phase != TargetPhase::gone;
    }
    return seen;
  }
  std::vector<std::string> missing(const std::string& job, std::size_t limit) override {
    const std::lock_guard lock(view_.mutex);
    std::vector<std::string> names;
    for (const Row& row : view_.rows)
      if (row.job == job && row.phase != TargetPhase::done && row.phase != TargetPhase::gone &&
          names.size() < limit)
        names.push_back(row.target.name);
    return names;
  }

 private:
  template <class Wanted>
  std::vector<JobStep> steps(const std::string& job, std::uint32_t stage, std::size_t limit, Wanted wanted) {
    const std::lock_guard lock(view_.mutex);
    std::vector<JobStep> found;
    for (const Row& row : view_.rows)
      if (row.job == job && row.stage == stage && found.size() < limit && wanted(row))
        found.push_back({row.target, row.attempt + 1});
    return found;
  }
  MemoryJobs& view_;
};

/// An office with certificates, and a runner that can be taken away and put back.
struct Office {
  MemoryLog log;
  ManualClock clock;
  SeededRandom random;
  PaperIssuer issuer;
  MemoryJobs view;
  Writer writer{log, clock, random, issuer, "csrflow test", {&view}, {}, csrflow::test::sha256};
  std::optional<JobRunner> runner;
  std::map<std::string, Uid> uids;

  Office() { restart(); }
  void restart() {
    runner.emplace(std::make_unique<MemoryJobSource>(view), writer, clock, csrflow::test::sha256,
                   RateCap{.limit = 200, .burst = 50}, [](const std::string&) {});
  }
  Outcome call(const StreamId& stream, Command command) {
    auto outcome = writer.call({stream, std::move(command), {.actor = {.user = "jane"}}, false, {}});
    REQUIRE(outcome.has_value());
    return std::move(*outcome);
  }
  Outcome call(const std::string& name, CsrCommand command) {
    return call(csr_stream(name), Command(std::move(command)));
  }
  const CsrState& state(const Outcome& outcome) { return std::get<CsrState>(*outcome.state); }
  /// Approved, and signed by the paper issuer.
  Serial certified(const std::string& name) {
    const auto created = call(name, renewable(name));
    Change approval{.base = state(created).resource_version, .change = {}, .certificate = {}};
    approval.change.conditions =
        std::vector<Condition>{{"Approved", "True", "Test", "", clock.now(), clock.now()}};
    call(name, approval);
    uids[name] = state(created).object->meta.uid;
    return sign(name);
  }
  /// What the CA does with an open signature.
  Serial sign(const std::string& name) {
    const State folded = fold(csr_stream(name), log.reader()->stream(csr_stream(name)));
    const auto& open = std::get<CsrState>(folded).open_issues.front().issuing;
    const Serial serial = open.serial;
    call(name, CompleteIssue{open.uid, serial, "certificate of " + name, "f" + serial.hex()});
    return serial;
  }
  /// The job over `count` certificates in two stages, one a second.
  void begin_job(std::size_t count, const std::string& mode = "renew", Duration deadline = seconds(86'400)) {
    std::vector<JobTarget> targets;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = "web-" + std::to_string(i);
      const Serial serial = certified(name);
      const std::int64_t place = i == 0 ? 0 : static_cast<std::int64_t>(i) - 1;
      targets.push_back({name, uids[name], serial, seconds(place)});
    }
    say(PlanJob{.kind = JobKind::rotate,
                .selection = {"{}"},
                .reason = "drill",
                .mode = mode,
                .deadline = clock.now() + deadline,
                .count = static_cast<std::uint32_t>(count),
                .set_hash = "00",
                .stages = {{1, seconds(1)}, {static_cast<std::uint32_t>(count - 1), seconds(60)}},
                .pause = seconds(300),
                .user = "jane"});
    say(AddJobTargets{0, {targets.front()}});
    say(AddJobTargets{1, {targets.begin() + 1, targets.end()}});
    say(StartJob{});
  }
  void say(JobCommand command) { call(stream_of("job", "drill"), Command(std::move(command))); }
  /// The clock moves on, then the runner looks until it has nothing more to do.
  void after(Duration d) {
    clock.advance(d);
    for (int looks = 0; looks < 10 && runner->look() > 0;) ++looks;
  }
  const JobState& job() { return view.jobs.at("drill"); }
  /// Which successors were asked for, in order.
  Names successors() const {
    Names names;
    for (const StoredEvent& e : log.all())
      if (e.type == "created" && e.stream.name().ends_with(".2")) names.push_back(e.stream.name());
    return names;
  }
  /// What the job's stream says.
  Names story() const {
    Names types;
    for (const StoredEvent& e : log.all())
      if (e.stream.category() == "job") types.push_back(e.type);
    return types;
  }
};

/// Approves the successor and signs it.
void let_through(Office& office, const std::string& name) {
  const State folded = fold(csr_stream(name), office.log.reader()->stream(csr_stream(name)));
  const auto& state = std::get<CsrState>(folded);
  if (state.open_issues.empty() && !state.object->status.has(condition::approved)) {
    Change approval{.base = state.resource_version, .change = {}, .certificate = {}};
    approval.change.conditions =
        std::vector<Condition>{{"Approved", "True", "Test", "", office.clock.now(), office.clock.now()}};
    office.call(name, approval);
  }
  office.sign(name);
}

}  // namespace

TEST_CASE("a certificate's turn comes at its offset after the start of its stage") {
  Office office;
  office.begin_job(4);
  office.after({});
  CHECK(office.successors() == Names{"web-0.2"});
  office.after(seconds(1));
  CHECK(office.job().phase == Phase::running);  // its successor is not signed yet
  let_through(office, "web-0.2");
  office.after(seconds(1));
  CHECK(office.job().phase == Phase::between_stages);
  office.after(seconds(299));
  CHECK(office.successors().size() == 1);
  office.after(seconds(1));
  CHECK(office.successors() == Names{"web-0.2", "web-1.2"});
  office.after(seconds(1));
  CHECK(office.successors() == Names{"web-0.2", "web-1.2", "web-2.2"});
  office.after(seconds(1));
  for (const std::string name : {"web-1.2", "web-2.2", "web-3.2"}) let_through(office, name);
  office.after(seconds(1));
  CHECK(office.job().phase == Phase::finished);
  CHECK((office.job().done == 4 && office.job().failed == 0));
  CHECK(office.job().missing.empty());
  CHECK(office.story() == Names{"planned", "targets", "targets", "started", "stage_started", "stage_done",
                                "stage_started", "finished"});
}

TEST_CASE("a stop holds what has not begun, and a resumption goes on where it was") {
  Office office;
  office.begin_job(4);
  office.after({});
  let_through(office, "web-0.2");
  office.after(seconds(1));
  office.after(seconds(300));
  CHECK(office.successors() == Names{"web-0.2", "web-1.2"});
  office.say(PauseJob{.by_itself = false, .reason = "lunch"});
  office.after(seconds(500));
  CHECK(office.successors().size() == 2);
  office.say(ResumeJob{});
  office.after({});
  CHECK(office.successors().size() == 2);
  office.after(seconds(1));
  CHECK(office.successors().size() == 3);
  office.after(seconds(1));
  CHECK(office.successors() == Names{"web-0.2", "web-1.2", "web-2.2", "web-3.2"});
}

TEST_CASE("a restart at any point loses nothing and does nothing twice") {
  Office office;
  office.begin_job(6);
  for (int i = 0; i < 400 && office.job().phase != Phase::finished; ++i) {
    office.restart();
    office.after(seconds(1));
    for (const std::string& name : office.successors()) {
      const State folded = fold(csr_stream(name), office.log.reader()->stream(csr_stream(name)));
      if (!std::get<CsrState>(folded).ledger.empty()) continue;
      let_through(office, name);
      break;
    }
  }
  CHECK(office.job().phase == Phase::finished);
  CHECK(office.job().done == 6);
  CHECK(office.successors() == Names{"web-0.2", "web-1.2", "web-2.2", "web-3.2", "web-4.2", "web-5.2"});
}

TEST_CASE("a job pauses by itself when more than 2 % of a stage fail, and goes on when told so") {
  Office office;
  office.begin_job(3, "rekey");
  office.after({});
  office.after(job_patience + seconds(1));  // no host has made a new key
  CHECK(office.job().phase == Phase::paused);
  CHECK(office.job().paused_by.empty());
  CHECK(office.job().pause_reason ==
        "1 of 1 failed, which is more than 2 %: see why, then resume or cancel the job");
  office.say(ResumeJob{});
  office.after(seconds(1));
  CHECK(office.job().phase == Phase::between_stages);
  CHECK(office.job().failed == 1);
}

TEST_CASE("at its deadline a job is finished and says what is missing") {
  Office office;
  office.begin_job(3, "rekey", seconds(500));
  office.after({});
  office.after(seconds(500));
  CHECK(office.job().phase == Phase::finished);
  CHECK((office.job().done == 0 && office.job().failed == 3));
  CHECK(office.job().missing == Names{"web-0", "web-1", "web-2"});
}

TEST_CASE("a request that is deleted meanwhile holds nothing up") {
  Office office;
  office.begin_job(2);
  office.call("web-0", Delete{});
  office.after(seconds(1));
  CHECK(office.job().phase == Phase::between_stages);
  CHECK(office.successors().empty());
}

TEST_CASE("what is behind its time catches up at the rate of the signer") {
  Office office;
  office.begin_job(200);
  office.say(ResumeJob{});
  office.after({});
  let_through(office, "web-0.2");
  office.after(seconds(1));
  office.say(ResumeJob{});  // the second stage begins
  office.clock.advance(seconds(1'000));
  office.restart();
  CHECK(office.runner->look() == 50);
  CHECK(office.runner->look() == 0);
  office.clock.advance(Duration{100'000});
  CHECK(office.runner->look() == 20);
}
