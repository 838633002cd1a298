#include "api/job_json.hpp"

#include <array>

#include "engine/duration.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {
namespace {

using namespace engine;

constexpr std::size_t shown_names = 10;  // of those that are hindered, for each reason

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::string hex(const Sha256& hash) {
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

/// `200/s`, `500/1h`.
std::string rate_text(const RateCap& cap) {
  return std::to_string(cap.limit) + '/' + (cap.period == seconds(1) ? "s" : duration_text(cap.period));
}

/// Calls `item(i)` for each, which appends it.
template <class Item>
void list(std::string& out, std::size_t size, Item item) {
  out += '[';
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0) out += ',';
    item(i);
  }
  out += ']';
}

void numbers(std::string& out, const std::vector<std::uint64_t>& values) {
  list(out, values.size(), [&](std::size_t i) { out += std::to_string(values[i]); });
}

/// `selection` is a JSON object; what else was asked goes on in it.
std::string spec_json(JobKind kind, const JsonText& selection, const std::string& reason,
                      std::string_view mode, Timestamp deadline, Duration pause) {
  std::string rest;
  {
    JsonObject spec(rest);
    spec.text("kind", name_of(kind));
    spec.text("reason", reason);
    spec.text_if("mode", mode);
    spec.text("deadline", rfc3339_seconds(deadline));
    spec.text("pause", duration_text(pause));
  }
  if (selection.text.size() <= 2) return rest;
  return selection.text.substr(0, selection.text.size() - 1) + ',' + rest.substr(1);
}

// ---- the plan -----------------------------------------------------------------------------------

void stages(std::string& out, const MassPlan& plan) {
  list(out, plan.stages.size(), [&](std::size_t i) {
    const MassStage& stage = plan.stages[i];
    JsonObject object(out);
    object.number("count", number(stage.count));
    object.number("perHour", stage.per_hour);
    object.text("start", rfc3339_seconds(stage.start));
    object.text("end", rfc3339_seconds(stage.end));
  });
}

void signers(std::string& out, const MassPlan& plan) {
  auto next = plan.signers.begin();
  list(out, plan.signers.size(), [&](std::size_t) {
    const auto& [name, share] = *next++;
    JsonObject object(out);
    object.text("name", name);
    object.number("count", number(share.count));
    object.text("limit", rate_text(share.cap));
    object.number("burst", share.cap.burst);
    if (share.needed_per_hour) object.number("neededPerHour", *share.needed_per_hour);
    object.boolean("binds", share.binds);
  });
}

struct Reason {
  Obstacle why{};
  std::size_t count = 0;
  std::vector<std::string> names;
};

std::vector<Reason> reasons_of(const JobProposal& proposal) {
  std::map<Obstacle, Reason> found;
  for (const Hindered& one : proposal.plan.hindered) {
    Reason& reason = found[one.why];
    reason.why = one.why;
    ++reason.count;
    if (reason.names.size() < shown_names)
      reason.names.push_back(proposal.candidates[one.target].target.stream.name());
  }
  std::vector<Reason> reasons;
  for (auto& [why, reason] : found) reasons.push_back(std::move(reason));
  return reasons;
}

void hindered(std::string& out, const JobProposal& proposal) {
  const auto reasons = reasons_of(proposal);
  list(out, reasons.size(), [&](std::size_t i) {
    JsonObject object(out);
    object.text("reason", sentence_of(reasons[i].why));
    object.number("count", number(reasons[i].count));
    object.texts("names", reasons[i].names);
  });
}

void plan_status(std::string& out, const JobProposal& proposal) {
  const MassPlan& plan = proposal.plan;
  JsonObject status(out);
  status.text("phase", "proposed");
  status.number("selected", number(proposal.candidates.size()));
  status.number("count", number(plan.rotations.size()));
  status.text("setHash", hex(plan.set));
  status.text("start", rfc3339_seconds(proposal.now));
  status.text("end", rfc3339_seconds(plan.end));
  status.boolean("fits", plan.fits);
  status.number("neededPerHour", plan.needed_per_hour);
  stages(status.key("stages"), plan);
  {
    JsonObject load(status.key("load"));
    load.number("bucketSeconds", plan.bucket.microseconds / 1'000'000);
    numbers(load.key("job"), plan.load);
    numbers(load.key("steady"), proposal.steady);
  }
  signers(status.key("signers"), plan);
  hindered(status.key("hindered"), proposal);
  status.number("expireFirst", number(plan.expire_first));
  status.number("cut", number(plan.cut));
  status.text("revoked", "never");
}

// ---- a job --------------------------------------------------------------------------------------

void append_progress(JsonObject& object, const StageProgress& seen) {
  object.number("done", number(seen.done));
  object.number("failed", number(seen.failed));
  object.number("gone", number(seen.gone));
  object.number("open", number(seen.open));
}

void job_status(std::string& out, const JobState& s, const std::vector<StageProgress>& progress) {
  StageProgress whole{.done = s.done, .failed = s.failed, .gone = 0, .open = 0};
  if (!progress.empty()) whole = {};
  for (const StageProgress& one : progress)
    whole = {whole.done + one.done, whole.failed + one.failed, whole.gone + one.gone, whole.open + one.open};
  JsonObject status(out);
  status.text("phase", name_of(s.phase));
  status.number("count", s.plan->count);
  append_progress(status, whole);
  if (s.phase == JobState::Phase::planned) status.number("recorded", s.targets);
  status.number("stage", s.stage);
  list(status.key("stages"), s.plan->stages.size(), [&](std::size_t i) {
    JsonObject stage(out);
    stage.number("count", s.plan->stages[i].count);
    stage.number("spanSeconds", s.plan->stages[i].span.microseconds / 1'000'000);
    if (i < progress.size()) append_progress(stage, progress[i]);
  });
  if (s.stage_since.microseconds > 0) status.text("stageSince", rfc3339_seconds(s.stage_since));
  if (s.phase == JobState::Phase::paused) {
    status.text("pausedBy", s.paused_by.empty() ? "the job itself" : s.paused_by);
    status.text_if("message", s.pause_reason);
  }
  if (s.has_ended()) status.text("ended", rfc3339_seconds(s.ended));
  if (!s.missing.empty()) status.texts("missing", s.missing);
  status.text("setHash", s.plan->set_hash);
  status.text("plannedBy", s.plan->user);
}

}  // namespace

std::string job_members(const JobEntry& job, const std::vector<StageProgress>& progress) {
  const JobPlanned& plan = *job.state.plan;
  std::string out = R"("metadata":)";
  {
    JsonObject metadata(out);
    metadata.text("name", job.name);
    metadata.text("creationTimestamp", rfc3339_seconds(job.state.planned_time));
  }
  out += R"(,"spec":)" +
         spec_json(plan.kind, plan.selection, plan.reason, plan.mode, plan.deadline, plan.pause) +
         R"(,"status":)";
  job_status(out, job.state, progress);
  return out + '}';
}

std::string plan_json(const JobWish& wish, const JobProposal& proposal) {
  std::string out = std::string(job_head) + R"("metadata":)";
  {
    JsonObject metadata(out);
    metadata.text("name", wish.name);
  }
  out +=
      R"(,"spec":)" +
      spec_json(wish.kind, wish.selection_text, wish.reason, name_of(wish.mode), wish.deadline, wish.pause) +
      R"(,"status":)";
  plan_status(out, proposal);
  return out + '}';
}

}  // namespace csrflow::api
