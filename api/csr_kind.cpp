// CertificateSigningRequests under the verbs.
#include "api/csr_managed.hpp"
#include "api/kind.hpp"
#include "api/node_restriction.hpp"
#include "api/write.hpp"
#include "api/write_call.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {

namespace {

std::expected<std::shared_ptr<SentObject>, Status> shared(std::expected<DecodedCsr, Status> sent) {
  if (!sent) return std::unexpected(std::move(sent.error()));
  return std::make_shared<DecodedCsr>(std::move(*sent));
}

Endpoint endpoint_of(const Target& target) {
  if (target.subresource == "approval") return Endpoint::approval;
  return target.subresource == "status" ? Endpoint::status : Endpoint::main;
}

/// CertificateApproval and CertificateSigning ask about the signer of the stored object.
std::expected<void, Status> admit(const Call& call, Endpoint endpoint, const std::string& signer,
                                  bool signs) {
  const auto may = [&](const std::string& verb) {
    return permitted_on_signer(call.core.deps.authorizer, call.user(), verb, signer);
  };
  const auto refuse = [&](const std::string& verb) {
    return std::unexpected(
        status::forbidden(call.resource_name(), call.target.name,
                          "user not permitted to " + verb + " requests with signerName \"" + signer + '"'));
  };
  if (endpoint == Endpoint::approval && !may("approve")) return refuse("approve");
  if (endpoint == Endpoint::status && signs && !may("sign")) return refuse("sign");
  return {};
}

/// What a signer of csrflow's own demands of every request.
std::expected<void, Status> check_signers_demands(const Call& call, const engine::CsrObject& object) {
  const engine::RequestChecks* checks = call.core.deps.request_checks;
  if (!checks) return {};
  FieldErrors errors;
  for (engine::FieldProblem& problem : checks->refusals(*object.spec))
    errors.push_back(field::forbidden(std::move(problem.path), std::move(problem.text)));
  if (errors.empty()) return {};
  return std::unexpected(status::invalid(call.resource->kind_name(), object.meta.name, errors));
}

class CsrKind final : public Kind {
 public:
  std::expected<std::shared_ptr<SentObject>, Status> decode(Format format, std::string_view body,
                                                            FieldValidation validation) const override {
    return shared(decode_csr(format, body, validation));
  }
  std::expected<std::shared_ptr<SentObject>, Status> decode_patched(
      const Patched& patched, FieldValidation validation) const override {
    return shared(decode_patched_csr(patched, validation));
  }

  std::expected<PreparedCreation, Status> create(const Call& call, SentObject& given) const override {
    auto& sent = static_cast<DecodedCsr&>(given);
    auto& deps = call.core.deps;
    auto object = prepare_create(sent, call.user(), engine::make_uid(random_bytes(deps.random)),
                                 deps.clock.now(), random_bytes(deps.random));
    object.meta.managed_fields = sent.applied_fields
                                     ? *sent.applied_fields
                                     : managed_on_create(field_write(call), object, sent.meta.managed_fields);
    if (const auto checked = check_create(object, sent, deps.pkix); !checked)
      return std::unexpected(checked.error());
    if (const auto fit = check_signers_demands(call, object); !fit) return std::unexpected(fit.error());
    if (deps.node_restriction)
      if (const auto own = restrict_node(call.user(), object, deps.pkix); !own)
        return std::unexpected(own.error());
    engine::Create command{.object = object, .lifetime = std::nullopt};
    const auto& spec = *object.spec;
    if (deps.issuer.serves(spec.signer_name))
      command.lifetime = deps.issuer.lifetime(spec.signer_name, spec.expiration_seconds);
    return PreparedCreation{.meta = object.meta,
                            .command =
                                [command](const std::string& name) {
                                  auto named = command;
                                  named.object.meta.name = name;
                                  return engine::Command(engine::CsrCommand(std::move(named)));
                                },
                            .admission = nullptr};
  }

  std::expected<PreparedChange, Status> change(const Call& call, const FoundObject& found,
                                               const SentObject& given, bool patch) const override {
    const auto& sent = static_cast<const DecodedCsr&>(given);
    auto& deps = call.core.deps;
    const auto endpoint = endpoint_of(call.target);
    const auto state = found.state(*call.resource);
    const auto& csr = std::get<engine::CsrState>(*state);
    const auto& stored = *csr.object;
    auto prepared =
        prepare_update(endpoint, stored, found.version(), sent, patch, deps.clock.now(), deps.pkix);
    if (!prepared) return std::unexpected(prepared.error());
    manage(*prepared, stored,
           sent.applied_fields ? *sent.applied_fields : managed_on_update(field_write(call), stored, sent));
    const auto ask = [&call, endpoint, signer = stored.spec->signer_name.text, signs = prepared->signs] {
      return admit(call, endpoint, signer, signs);
    };
    if (const auto admitted = ask(); !admitted) return std::unexpected(admitted.error());
    if (prepared->change.empty())
      return PreparedChange{.command = std::nullopt, .after = state, .admission = nullptr};
    engine::CsrState after;
    after.object = std::move(prepared->object);
    after.spec_json = csr.spec_json;
    engine::Change command{.base = found.version(),
                           .change = std::move(prepared->change),
                           .certificate = std::move(prepared->certificate)};
    return PreparedChange{.command = engine::Command(engine::CsrCommand(std::move(command))),
                          .after = std::make_shared<const engine::State>(std::move(after)),
                          .admission = ask};
  }

  std::expected<std::shared_ptr<SentObject>, Status> apply(const Call& call, const FoundObject* found,
                                                           const std::string& configuration,
                                                           bool force) const override {
    const auto state = found ? found->state(*call.resource) : nullptr;
    const auto* live = state ? &*std::get<engine::CsrState>(*state).object : nullptr;
    auto applied = apply_to_csr(field_write(call), live, found ? found->version() : engine::Position{},
                                configuration, force);
    if (!applied) return std::unexpected(std::move(applied.error()));
    applied->object.applied_fields = std::move(applied->managed_fields);
    return std::make_shared<DecodedCsr>(std::move(applied->object));
  }

  engine::Command deletion(engine::Delete command) const override {
    return engine::CsrCommand(std::move(command));
  }
};

}  // namespace

std::unique_ptr<const Kind> csr_kind() {
  return std::make_unique<CsrKind>();
}

}  // namespace csrflow::api
