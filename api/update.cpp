// PUT and PATCH, of the object, its /approval and its /status: computed over the newest object, sent as a
// change to it, and computed again when the object has moved on meanwhile.
#include "api/csr_managed.hpp"
#include "api/found_object.hpp"
#include "api/patch.hpp"
#include "api/write.hpp"
#include "api/write_call.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {
namespace {

constexpr int most_attempts = 5;  // as kube-apiserver

/// A PUT holds the object that was sent, a PATCH the patch; an apply its configuration as well.
struct Update {
  CallPtr call;
  Endpoint endpoint = Endpoint::main;
  WriteOptions options;
  std::optional<DecodedCsr> sent;
  PatchType patch{};
  std::optional<Configuration> configuration = {};
  int attempt = 1;
};
using UpdatePtr = std::shared_ptr<Update>;

Endpoint endpoint_of(const Target& target) {
  if (target.subresource == "approval") return Endpoint::approval;
  return target.subresource == "status" ? Endpoint::status : Endpoint::main;
}

void attempt(const UpdatePtr&);

/// What the object shall become, as if it had been sent whole, and who manages its fields then.
struct Wanted {
  DecodedCsr object;
  std::string managed_fields;
};

std::expected<DecodedCsr, Status> wanted_object(const Update& update, const FoundObject& stored) {
  if (update.sent) return *update.sent;
  const auto patched =
      apply_patch(update.patch, stored.document(*update.call->resource), update.call->request().body);
  if (!patched) return std::unexpected(patched.error());
  auto decoded = decode_patched_csr(*patched, update.options.field_validation);
  if (!decoded) return decoded;
  if (const auto named = check_url_name(*decoded, update.call->target.name); !named)
    return std::unexpected(named.error());
  return decoded;
}

/// Server-side apply, to `stored` or to nothing.
std::expected<Wanted, Status> applied(const Update& update, const engine::CsrObject* stored,
                                      engine::Position version) {
  const auto& call = *update.call;
  const auto& configuration = *update.configuration;
  auto result = apply_to_csr(field_write(call, update.options), stored, version, configuration.json,
                             update.options.force.value_or(false));
  if (!result) return std::unexpected(result.error());
  if (!configuration.duplicates.empty() && update.options.field_validation == FieldValidation::strict) {
    std::string lines;
    for (const std::string& duplicate : configuration.duplicates) lines += "\n  " + duplicate;
    return std::unexpected(status::bad_request(
        "error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:" + lines));
  }
  const auto& uid = result->object.meta.uid.text;
  if (stored == nullptr && !uid.empty()) {
    return std::unexpected(status::conflict(
        call.resource_name(), call.target.name,
        "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found"));
  }
  if (const auto named = check_url_name(result->object, call.target.name); !named)
    return std::unexpected(named.error());
  return Wanted{std::move(result->object), std::move(result->managed_fields)};
}

std::expected<Wanted, Status> wanted(const Update& update, const FoundObject& found,
                                     const engine::CsrObject& stored) {
  if (update.configuration) return applied(update, &stored, found.version());
  auto object = wanted_object(update, found);
  if (!object) return std::unexpected(object.error());
  auto managed = managed_on_update(field_write(*update.call, update.options), stored, *object);
  return Wanted{std::move(*object), std::move(managed)};
}

/// CertificateApproval and CertificateSigning ask about the signer of the stored object.
std::expected<void, Status> admit(const Update& update, const engine::CsrObject& stored,
                                  const PreparedUpdate& prepared) {
  const auto& call = *update.call;
  const auto may = [&](const std::string& verb) {
    return permitted_on_signer(call.core.deps.authorizer, call.user(), verb, stored.spec->signer_name.text);
  };
  const auto refuse = [&](const std::string& verb) {
    return std::unexpected(status::forbidden(call.resource_name(), call.target.name,
                                             "user not permitted to " + verb +
                                                 " requests with signerName \"" +
                                                 stored.spec->signer_name.text + '"'));
  };
  if (update.endpoint == Endpoint::approval && !may("approve")) return refuse("approve");
  if (update.endpoint == Endpoint::status && prepared.signs && !may("sign")) return refuse("sign");
  return {};
}

void answer_update(const UpdatePtr& update, engine::Position base, const engine::Outcome& outcome) {
  const auto& call = update->call;
  if (outcome.records.empty())
    return answer_with_state(call, 200, std::get<engine::CsrState>(*outcome.state));
  const auto& record = outcome.records.front();
  if (const auto* gone = std::get_if<engine::Deleted>(record.csr_event())) {
    // The last finalizer went, and the object with it: it is shown without, under its old version.
    auto last = *record.csr_before()->object;
    engine::apply(last, gone->object);
    return answer_with_object(call, 200, last, base, engine::object_tail(last, base));
  }
  if (!update->options.dry_run) return answer_with_record(call, 200, record);
  const auto& state = *record.csr_after();
  answer_with_object(call, 200, *state.object, base,
                     engine::object_tail(*state.object, *state.spec_json, base));
}

void update_refused(const UpdatePtr& update, const engine::Refusal& refusal) {
  const bool moved = refusal.kind == engine::Refusal::Kind::conflict;
  if (!moved || update->attempt == most_attempts) return update->call->fail(refused(*update->call, refusal));
  ++update->attempt;
  attempt(update);
}

/// What an apply does not find, it creates; other writes, and subresources, do not.
void without_object(const UpdatePtr& update) {
  const auto& call = update->call;
  if (!update->configuration || update->endpoint != Endpoint::main)
    return call->fail(status::not_found(call->resource_name(), call->target.name));
  auto wanted = applied(*update, nullptr, {});
  if (!wanted) return call->fail(wanted.error());
  create_applied(
      call, std::move(wanted->object), std::move(wanted->managed_fields), update->options, [update] {
        if (update->attempt++ < most_attempts) return attempt(update);
        update->call->fail(status::modified(update->call->resource_name(), update->call->target.name));
      });
}

void compute(const UpdatePtr& update, const std::optional<FoundObject>& found) {
  const auto& call = update->call;
  if (!found) return without_object(update);
  auto& deps = call->core.deps;
  const auto stored = found->object();
  auto sent = wanted(*update, *found, stored);
  if (!sent) return call->fail(sent.error());
  if (update->attempt == 1) warn(*call, sent->object.warnings);
  const auto base = found->version();
  auto prepared = prepare_update(update->endpoint, stored, base, sent->object, !update->sent,
                                 deps.clock.now(), deps.pkix);
  if (!prepared) return call->fail(prepared.error());
  manage(*prepared, stored, std::move(sent->managed_fields));
  if (const auto admitted = admit(*update, stored, *prepared); !admitted) return call->fail(admitted.error());
  if (prepared->change.empty()) return answer_with_object(call, 200, stored, base, found->tail());
  const auto stream = engine::stream_of(call->resource->stream_category, call->target.name);
  submit(call, stream,
         engine::Change{.base = base,
                        .change = std::move(prepared->change),
                        .certificate = std::move(prepared->certificate)},
         update->options.dry_run, [update, base](std::expected<engine::Outcome, engine::Refusal> outcome) {
           if (outcome) {
             answer_update(update, base, *outcome);
           } else {
             update_refused(update, outcome.error());
           }
         });
}

void attempt(const UpdatePtr& update) {
  find_object(update->call, [update](const std::optional<FoundObject>& found) { compute(update, found); });
}

}  // namespace

void update_object(const CallPtr& call) {
  const auto format = read_body_format(call);
  if (!format) return;
  const auto options = update_options(call->query);
  if (!options) return call->fail(options.error());
  auto sent = decode_csr(*format, call->request().body, options->field_validation);
  if (!sent) return call->fail(sent.error());
  if (const auto named = check_url_name(*sent, call->target.name); !named) return call->fail(named.error());
  attempt(std::make_shared<Update>(Update{
      .call = call, .endpoint = endpoint_of(call->target), .options = *options, .sent = std::move(*sent)}));
}

void patch_object(const CallPtr& call) {
  if (!negotiate_write(call)) return;
  const auto type = patch_type(call->request().headers.get("Content-Type"));
  if (!type) return call->fail(type.error());
  if (!body_fits(call)) return;
  const auto options = patch_options(call->query, *type == PatchType::apply);
  if (!options) return call->fail(options.error());
  std::optional<Configuration> configuration;
  if (*type == PatchType::apply) {
    auto read = read_configuration(call->request().body);
    if (!read) return call->fail(read.error());
    configuration = std::move(*read);
  }
  attempt(std::make_shared<Update>(Update{.call = call,
                                          .endpoint = endpoint_of(call->target),
                                          .options = *options,
                                          .sent = std::nullopt,
                                          .patch = *type,
                                          .configuration = std::move(configuration)}));
}

}  // namespace csrflow::api
