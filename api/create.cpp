// POST: an object comes in.
#include "api/idempotency.hpp"
#include "api/kind.hpp"
#include "api/token_bounds.hpp"
#include "api/write.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {
namespace {

constexpr int most_generated_names = 8;  // as kube-apiserver

struct Creation {
  CallPtr call;
  PreparedCreation prepared;
  bool dry_run = false;
  bool generated = false;                 ///< the server chose the name
  bool keyed = false;                     ///< a repetition of it is recognised
  std::function<void()> when_taken = {};  ///< of an apply: somebody was quicker
  int attempt = 1;
};

void submit_creation(Creation);

/// A name for an object whose creator left it to the server.
void generate_name(Creation& creation) {
  auto& meta = creation.prepared.meta;
  const auto& call = *creation.call;
  meta.name = generated_name(meta.generate_name,
                             creation.keyed ? keyed_name_bytes(context_of(call).command, creation.attempt)
                                            : random_bytes(call.core.deps.random));
}

engine::StreamId stream_of(const Creation& creation) {
  return creation.call->resource->stream_of(creation.prepared.meta.name);
}

/// Was it done before? Then it is answered as it was then. On a worker.
bool answered_before(const Creation& creation) {
  const auto& call = creation.call;
  const auto before = first_outcome(*call, stream_of(creation));
  if (!before) {
    call->fail(before.error());
  } else if (*before) {
    answer_with_record(call, 201, **before);
  }
  return !before || *before;
}

void answer_creation(const Creation& creation, const engine::Outcome& outcome) {
  // A command that was done before left nothing to record: the object as it is now.
  if (outcome.records.empty()) return answer_with_state(creation.call, 201, *outcome.state);
  const auto& made = outcome.records.front();
  if (!creation.dry_run) return answer_with_record(creation.call, 201, made);
  answer_with_object(creation.call, 201, *made.after, {});
}

void creation_refused(Creation creation, const engine::Refusal& refusal) {
  auto& call = creation.call;
  const auto resource = call->resource_name();
  auto& meta = creation.prepared.meta;
  if (refusal.kind != engine::Refusal::Kind::already_exists) return call->fail(refused(*call, refusal));
  // The same request may have been quicker on another connection.
  if (creation.keyed && answered_before(creation)) return;
  if (creation.when_taken) return creation.when_taken();
  if (!creation.generated)
    return call->fail(refusal.terminating ? status::still_terminating(resource, meta.name)
                                          : status::already_exists(resource, meta.name));
  if (creation.attempt == most_generated_names)
    return call->fail(status::generated_name_taken(resource, meta.name));
  ++creation.attempt;
  generate_name(creation);
  submit_creation(std::move(creation));
}

/// What is written with it: that its requester's token was used.
std::optional<engine::Companion> companion_of(const Call& call, const engine::Command& command) {
  const auto* about_request = std::get_if<engine::CsrCommand>(&command);
  const auto* create = about_request ? std::get_if<engine::Create>(about_request) : nullptr;
  return create ? use_of_token(call, create->object) : std::nullopt;
}

void submit_creation(Creation creation) {
  const auto call = creation.call;
  const auto& name = creation.prepared.meta.name;
  auto command = creation.prepared.command(name);
  auto companion = companion_of(*call, command);
  const auto stream = stream_of(creation);
  const bool dry_run = creation.dry_run;
  auto admission = creation.prepared.admission;
  submit(
      call, stream, std::move(command), dry_run, std::move(admission),
      [creation = std::move(creation)](std::expected<engine::Outcome, engine::Refusal> outcome) mutable {
        if (outcome) {
          answer_creation(creation, *outcome);
        } else {
          creation_refused(std::move(creation), outcome.error());
        }
      },
      std::move(companion));
}

void advised(Creation creation) {
  const auto call = creation.call;
  const auto advice = creation.prepared.advice;
  const bool dry_run = creation.dry_run;
  with_advice(call, advice, dry_run,
              [creation = std::move(creation)]() mutable { submit_creation(std::move(creation)); });
}

/// An apply is authorised as a patch; to create it needs `create` as well.
std::expected<void, Status> may_create(const Call& call) {
  auto asked = call.target.attributes();
  asked.verb = "create";
  const auto decision = call.core.deps.authorizer.decide(call.user(), asked);
  if (decision.access != Access::denied) return {};
  return std::unexpected(status::forbidden_resource(call.resource_name(), call.target.subresource,
                                                    call.target.name, call.target.namespace_name,
                                                    call.user().user, "create", decision.reason));
}

}  // namespace

void create_object(const CallPtr& call) {
  const auto format = read_body_format(call);
  if (!format) return;
  const auto options = create_options(call->query);
  if (!options) return call->fail(options.error());
  const auto& kind = kind_of(*call->resource);
  auto sent = kind.decode(*format, call->request().body, options->field_validation);
  if (!sent) return call->fail(sent.error());
  warn(*call, (*sent)->warnings);
  const bool generated = (*sent)->meta.name.empty() && !(*sent)->meta.generate_name.empty();
  auto prepared = kind.create(*call, **sent);
  if (!prepared) return call->fail(prepared.error());
  Creation creation{
      .call = call, .prepared = std::move(*prepared), .dry_run = options->dry_run, .generated = generated};
  creation.keyed = has_idempotency_key(*call) && !creation.dry_run;
  if (!creation.keyed) return advised(std::move(creation));
  if (const auto good = check_idempotency_key(*call); !good) return call->fail(good.error());
  if (generated) generate_name(creation);
  on_worker(call, [creation = std::move(creation)]() mutable {
    if (!answered_before(creation)) advised(std::move(creation));
  });
}

void create_applied(const CallPtr& call, SentObject& sent, const WriteOptions& options,
                    std::function<void()> when_taken) {
  sent.resource_version.clear();
  auto prepared = kind_of(*call->resource).create(*call, sent);
  if (!prepared) return call->fail(prepared.error());
  if (const auto permitted = may_create(*call); !permitted) return call->fail(permitted.error());
  advised({.call = call,
           .prepared = std::move(*prepared),
           .dry_run = options.dry_run,
           .when_taken = std::move(when_taken)});
}

}  // namespace csrflow::api
