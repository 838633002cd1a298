#include "api/job_requests.hpp"

#include <array>

#include "api/job_body.hpp"
#include "api/job_json.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {
namespace {

using engine::JobEntry;
using engine::JobSource;
using engine::Refusal;

Status problem(const Call& call, const std::string& name, const Refusal& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::conflict:
    case Refusal::Kind::already_replaced:
      return status::conflict(call.resource_name(), name, refusal.message);
    case Refusal::Kind::already_exists:
      return status::already_exists(call.resource_name(), name);
    case Refusal::Kind::not_permitted:
      return status::forbidden(call.resource_name(), name, refusal.message);
    default:
      return refused(call, refusal);
  }
}

std::vector<engine::StageProgress> progress_of(JobSource& source, const JobEntry& job,
                                               engine::Timestamp now) {
  std::vector<engine::StageProgress> progress;
  if (job.state.phase == engine::JobState::Phase::finished) return progress;
  for (std::uint32_t stage = 0; stage < job.state.plan->stages.size(); ++stage)
    progress.push_back(source.progress(job.name, stage, moment_of(job.state, stage, now)));
  return progress;
}

void answer_with_job(const CallPtr& call, int code, const std::string& name) {
  const auto now = call->core.deps.clock.now();
  const auto json = call->core.deps.jobs->with_jobs([&](JobSource& source) {
    const auto job = source.job(name);
    return job ? std::string(job_head) + job_members(*job, progress_of(source, *job, now)) : std::string();
  });
  if (json.empty()) return call->fail(status::not_found(call->resource_name(), name));
  call->send(code, json);
}

// ---- making one ---------------------------------------------------------------------------------

engine::SignersPermitted signers_permitted(const CallPtr& call) {
  return [call](const std::set<std::string>& signers) -> std::expected<void, Refusal> {
    const Authorizer& authorizer = call->core.deps.authorizer;
    for (const std::string& signer : signers)
      if (!permitted_on_signer(authorizer, call->user(), "sign", signer) &&
          !permitted_on_signer(authorizer, call->user(), "approve", signer))
        return std::unexpected(
            Refusal{.kind = Refusal::Kind::not_permitted,
                    .message = "user not permitted to sign or approve requests with signerName \"" + signer +
                               "\", whose certificates the job would replace"});
    return {};
  };
}

engine::Judgement judgement_of(const CallPtr& call) {
  return {.at = call->judged_at, .again = [call] {
            return call->core.deps.authorizer.decide(call->user(), call->target.attributes()).access !=
                   Access::denied;
          }};
}

void create_job(const CallPtr& call) {
  const auto options = create_options(call->query);
  if (!options) return call->fail(options.error());
  auto wish = read_job(call, call->core.deps.clock.now());
  if (!wish) return;
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  on_worker(call, [call, wish = std::move(*wish), dry_run = options->dry_run] {
    engine::JobDesk& desk = *call->core.deps.jobs;
    if (dry_run) {
      const auto proposal = desk.propose(wish, signers_permitted(call));
      if (!proposal) return call->fail(problem(*call, wish.name, proposal.error()));
      return call->send(201, plan_json(wish, *proposal));
    }
    const auto made = desk.create(wish, signers_permitted(call), context_of(*call), judgement_of(call));
    if (!made) return call->fail(problem(*call, wish.name, made.error()));
    answer_with_job(call, 201, wish.name);
  });
}

// ---- reading ------------------------------------------------------------------------------------

bool negotiate(const CallPtr& call) {
  if (!negotiate_write(call)) return false;
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  return true;
}

void list_jobs(const CallPtr& call) {
  if (!negotiate(call)) return;
  on_worker(call, [call] {
    const auto now = call->core.deps.clock.now();
    std::string out = R"({"kind":"JobList","apiVersion":"csrflow.io/v1","metadata":{},"items":[)";
    call->core.deps.jobs->with_jobs([&](JobSource& source) {
      bool first = true;
      for (const JobEntry& job : source.jobs(true)) {
        out += first ? "{" : ",{";
        first = false;
        out += job_members(job, progress_of(source, job, now));
      }
    });
    call->send(200, out + "]}");
  });
}

void show_job(const CallPtr& call) {
  if (!negotiate(call)) return;
  on_worker(call, [call] { answer_with_job(call, 200, call->target.name); });
}

// ---- words --------------------------------------------------------------------------------------

struct Word {
  std::string_view name;
  engine::JobCommand (*command)(std::string reason);
};
constexpr std::array words = {
    Word{"stop",
         [](std::string reason) {
           return engine::JobCommand(engine::PauseJob{.by_itself = false, .reason = std::move(reason)});
         }},
    Word{"resume", [](std::string) { return engine::JobCommand(engine::ResumeJob{}); }},
    Word{"cancel",
         [](std::string reason) { return engine::JobCommand(engine::CancelJob{std::move(reason)}); }},
};

void say(const CallPtr& call, const Word& word) {
  auto reason = read_reason(call);
  if (!reason) return;
  const auto& name = call->target.name;
  if (!is_job_name(name)) return call->fail(status::not_found(call->resource_name(), name));
  call->form = {.format = call->form.format, .pretty = call->form.pretty};
  submit(call, engine::stream_of("job", name), engine::Command(word.command(std::move(*reason))), false,
         nullptr, [call](std::expected<engine::Outcome, Refusal> outcome) {
           if (!outcome) return call->fail(problem(*call, call->target.name, outcome.error()));
           on_worker(call, [call] { answer_with_job(call, 200, call->target.name); });
         });
}

}  // namespace

bool is_about_jobs(const Target& target) {
  return target.is_resource && target.group == "csrflow.io" && target.version == "v1" &&
         target.resource == "jobs" && target.namespace_name.empty();
}

void job_request(const CallPtr& call) {
  const auto& target = call->target;
  if (target.malformed || !call->core.deps.jobs) return call->fail(status::no_such_resource());
  const bool reads = call->request().method == "GET";
  if (target.subresource.empty()) {
    if (target.verb == "create" && !target.named) return create_job(call);
    if (target.verb == "list" && !target.named && reads) return list_jobs(call);
    if (target.verb == "get" && target.named && reads) return show_job(call);
    return call->fail(status::method_not_allowed());
  }
  for (const Word& word : words) {
    if (word.name != target.subresource) continue;
    if (target.verb != "create") return call->fail(status::method_not_allowed());
    return say(call, word);
  }
  call->fail(status::no_such_resource());
}

}  // namespace csrflow::api
