// POST: a request comes in.
#include "api/csr_managed.hpp"
#include "api/found_object.hpp"
#include "api/write.hpp"
#include "api/write_call.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {
namespace {

constexpr int most_generated_names = 8;  // as kube-apiserver

std::array<std::uint8_t, 16> random_bytes(engine::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return bytes;
}

struct Creation {
  CallPtr call;
  engine::CsrObject object;
  bool dry_run = false;
  bool generated = false;                 ///< the server chose the name
  std::function<void()> when_taken = {};  ///< of an apply: somebody was quicker
  int attempt = 1;
};

void submit_creation(Creation);

void answer_creation(Creation creation, const engine::Outcome& outcome) {
  // A command that was done before left nothing to record: the object as it is now.
  if (outcome.records.empty())
    return answer_with_state(creation.call, 201, std::get<engine::CsrState>(*outcome.state));
  const auto& made = outcome.records.front();
  if (!creation.dry_run) return answer_with_record(creation.call, 201, made);
  const auto& state = *made.csr_after();
  answer_with_object(creation.call, 201, *state.object, {},
                     engine::object_tail(*state.object, *state.spec_json, {}));
}

void creation_refused(Creation creation, const engine::Refusal& refusal) {
  auto& call = creation.call;
  const auto resource = call->resource_name();
  const auto name = creation.object.meta.name;
  if (refusal.kind != engine::Refusal::Kind::already_exists) return call->fail(refused(*call, refusal));
  if (creation.when_taken) return creation.when_taken();
  if (!creation.generated)
    return call->fail(refusal.terminating ? status::still_terminating(resource, name)
                                          : status::already_exists(resource, name));
  if (creation.attempt == most_generated_names)
    return call->fail(status::generated_name_taken(resource, name));
  ++creation.attempt;
  creation.object.meta.name =
      generated_name(creation.object.meta.generate_name, random_bytes(call->core.deps.random));
  submit_creation(std::move(creation));
}

void submit_creation(Creation creation) {
  const auto& object = creation.object;
  const auto& issuer = creation.call->core.deps.issuer;
  const auto& spec = *object.spec;
  engine::Create command{.object = object, .lifetime = std::nullopt};
  if (issuer.serves(spec.signer_name))
    command.lifetime = issuer.lifetime(spec.signer_name, spec.expiration_seconds);
  const auto stream = engine::stream_of(creation.call->resource->stream_category, object.meta.name);
  const auto call = creation.call;
  const bool dry_run = creation.dry_run;
  submit(call, stream, std::move(command), dry_run,
         [creation = std::move(creation)](std::expected<engine::Outcome, engine::Refusal> outcome) mutable {
           if (outcome) {
             answer_creation(std::move(creation), *outcome);
           } else {
             creation_refused(std::move(creation), outcome.error());
           }
         });
}

engine::CsrObject prepare(const CallPtr& call, DecodedCsr& sent) {
  auto& deps = call->core.deps;
  return prepare_create(sent, call->user(), engine::make_uid(random_bytes(deps.random)), deps.clock.now(),
                        random_bytes(deps.random));
}

/// An apply is authorised as a patch; to create it needs `create` as well.
std::expected<void, Status> may_create(const Call& call) {
  auto asked = call.target.attributes();
  asked.verb = "create";
  const auto decision = call.core.deps.authorizer.decide(call.user(), asked);
  if (decision.access != Access::denied) return {};
  return std::unexpected(status::forbidden_resource(call.resource_name(), call.target.subresource,
                                                    call.target.name, call.target.namespace_name,
                                                    call.user().user, "create", decision.evaluation_error));
}

}  // namespace

void create_object(const CallPtr& call) {
  const auto format = read_body_format(call);
  if (!format) return;
  const auto options = create_options(call->query);
  if (!options) return call->fail(options.error());
  auto sent = decode_csr(*format, call->request().body, options->field_validation);
  if (!sent) return call->fail(sent.error());
  warn(*call, sent->warnings);
  const bool generated = sent->meta.name.empty() && !sent->meta.generate_name.empty();
  auto object = prepare(call, *sent);
  object.meta.managed_fields =
      managed_on_create(field_write(*call, *options), object, sent->meta.managed_fields);
  if (const auto checked = check_create(object, *sent, call->core.deps.pkix); !checked)
    return call->fail(checked.error());
  submit_creation(
      {.call = call, .object = std::move(object), .dry_run = options->dry_run, .generated = generated});
}

void create_applied(const CallPtr& call, DecodedCsr sent, std::string managed_fields,
                    const WriteOptions& options, std::function<void()> when_taken) {
  sent.resource_version.clear();
  auto object = prepare(call, sent);
  object.meta.managed_fields = std::move(managed_fields);
  if (const auto checked = check_create(object, sent, call->core.deps.pkix); !checked)
    return call->fail(checked.error());
  if (const auto permitted = may_create(*call); !permitted) return call->fail(permitted.error());
  submit_creation({.call = call,
                   .object = std::move(object),
                   .dry_run = options.dry_run,
                   .when_taken = std::move(when_taken)});
}

}  // namespace csrflow::api
