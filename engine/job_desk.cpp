#include "engine/job_desk.hpp"

#include <algorithm>

#include "engine/stage_gate.hpp"

namespace csrflow::engine {
namespace {

std::unexpected<Refusal> refuse(Refusal::Kind kind, std::string message) {
  return std::unexpected(Refusal{.kind = kind, .message = std::move(message)});
}

std::string hex(const Sha256& hash) {
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

JobReason reason_of(std::string_view text) {
  if (text == key_compromise_reason) return JobReason::key_compromise;
  return text == "ca-compromise" ? JobReason::ca_compromise : JobReason::other;
}

JobPlanned planned(const JobWish& wish, const MassPlan& plan, std::string user) {
  JobPlanned event{.kind = wish.kind,
                   .selection = wish.selection_text,
                   .reason = wish.reason,
                   .mode = std::string(name_of(wish.mode)),
                   .deadline = wish.deadline,
                   .count = static_cast<std::uint32_t>(plan.rotations.size()),
                   .set_hash = hex(plan.set),
                   .stages = {},
                   .pause = std::max(least_stage_wait, wish.pause),
                   .user = std::move(user)};
  for (const MassStage& stage : plan.stages)
    event.stages.push_back({static_cast<std::uint32_t>(stage.count), stage.end - stage.start});
  return event;
}

/// The targets of a stage from its `first` on, as many as fit into an event.
JobTargets targets(const JobProposal& proposal, std::uint32_t stage, std::size_t first) {
  const MassStage& whole = proposal.plan.stages[stage];
  JobTargets event{.stage = stage, .targets = {}};
  const std::size_t end = std::min(whole.first + whole.count, first + targets_per_event);
  for (std::size_t i = first; i < end; ++i) {
    const PlannedRotation& rotation = proposal.plan.rotations[i];
    const JobCandidate& one = proposal.candidates[rotation.target];
    event.targets.push_back({one.target.stream.name(), one.uid, one.target.serial, rotation.after});
  }
  return event;
}

}  // namespace

JobDesk::JobDesk(std::unique_ptr<CandidateSource> candidates, std::unique_ptr<JobSource> status,
                 Ground ground)
    : ground_(ground), candidates_(std::move(candidates)), status_(std::move(status)) {}

std::expected<JobProposal, Refusal> JobDesk::propose(const JobWish& wish, const SignersPermitted& permitted) {
  const std::unique_lock lock(planning_, std::try_to_lock);
  if (!lock)
    return refuse(Refusal::Kind::unavailable, "another job is being planned: try again in a few seconds");
  return plan(wish, permitted);
}

std::expected<JobState, Refusal> JobDesk::create(const JobWish& wish, const SignersPermitted& permitted,
                                                 const Context& context, Judgement judgement) {
  const std::unique_lock lock(planning_, std::try_to_lock);
  if (!lock)
    return refuse(Refusal::Kind::unavailable, "another job is being planned: try again in a few seconds");
  const auto proposal = plan(wish, permitted);
  if (!proposal) return std::unexpected(proposal.error());
  const MassPlan& plan = proposal->plan;
  if (!wish.set_hash.empty() && wish.set_hash != hex(plan.set))
    return refuse(Refusal::Kind::already_replaced,
                  "the certificates have changed since the plan was made: look at a new plan");
  if (plan.rotations.empty())
    return refuse(
        Refusal::Kind::already_replaced,
        "the job could replace none of the " + std::to_string(plan.hindered.size()) +
            " certificates: " + proposal->candidates[plan.hindered.front().target].target.stream.name() +
            ": " + std::string(sentence_of(plan.hindered.front().why)));
  return record(wish, *proposal, context, std::move(judgement));
}

std::expected<JobProposal, Refusal> JobDesk::plan(const JobWish& wish, const SignersPermitted& permitted) {
  candidates_->reach(ground_.writer.head());
  JobProposal proposal{.now = ground_.clock.now(), .candidates = {}, .plan = {}, .steady = {}};
  proposal.candidates = candidates_->candidates(wish.selection, proposal.now, max_mass_targets);
  MassJob job{.id = wish.name,
              .reason = reason_of(wish.reason),
              .start = proposal.now,
              .deadline = wish.deadline,
              .wait_between_stages = std::max(least_stage_wait, wish.pause),
              .signers = {}};
  std::set<std::string> signers;
  std::vector<MassTarget> targets;
  targets.reserve(proposal.candidates.size());
  for (JobCandidate& one : proposal.candidates) {
    one.target.mode = wish.mode;
    if (signers.insert(one.target.signer.text).second) job.signers[one.target.signer.text] = ground_.signer;
    targets.push_back(one.target);
  }
  if (!wish.selection.signer.text.empty()) signers.insert(wish.selection.signer.text);
  if (auto may = permitted(signers); !may) return std::unexpected(may.error());
  for (const JobCandidate& one : proposal.candidates)
    if (!one.job.empty())
      return refuse(Refusal::Kind::already_replaced, one.target.stream.name() + " belongs to the job " +
                                                         one.job +
                                                         ", which has not ended: wait for it, or cancel it");
  auto plan = plan_mass_rotation(targets, job, ground_.hash);
  if (!plan) return refuse(Refusal::Kind::already_replaced, std::move(plan.error()));
  proposal.plan = std::move(*plan);
  proposal.steady = candidates_->steady_load(proposal.now, proposal.plan.bucket, proposal.plan.load.size());
  return proposal;
}

std::expected<JobState, Refusal> JobDesk::record(const JobWish& wish, const JobProposal& proposal,
                                                 const Context& context, Judgement judgement) {
  auto told = tell(wish.name, PlanJob(planned(wish, proposal.plan, context.actor.user)), context,
                   std::move(judgement));
  for (std::uint32_t stage = 0; told && stage < proposal.plan.stages.size(); ++stage) {
    const MassStage& whole = proposal.plan.stages[stage];
    for (std::size_t i = whole.first; told && i < whole.first + whole.count; i += targets_per_event)
      told = tell(wish.name, targets(proposal, stage, i), context);
  }
  if (told && wish.start) told = tell(wish.name, StartJob{}, context);
  if (!told) return std::unexpected(told.error());
  return std::get<JobState>(**told);
}

std::expected<std::shared_ptr<const State>, Refusal> JobDesk::tell(const std::string& job, JobCommand command,
                                                                   const Context& context,
                                                                   Judgement judgement) {
  Submission submission{
      .stream = stream_of("job", job), .command = Command(std::move(command)), .context = context};
  submission.judgement = std::move(judgement);
  auto outcome = ground_.writer.call(std::move(submission));
  if (!outcome) return std::unexpected(outcome.error());
  return std::move(outcome->state);
}

}  // namespace csrflow::engine
