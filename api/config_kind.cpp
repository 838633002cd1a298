// Configuration objects under the verbs (kubernetes pkg/registry/rbac: a strategy's prepare, validate and
// update, and what every kind's registry does around it).
#include "api/config_format.hpp"
#include "api/config_managed.hpp"
#include "api/digest.hpp"
#include "api/kind.hpp"
#include "api/write.hpp"
#include "api/write_call.hpp"

namespace csrflow::api {

namespace {

std::expected<std::shared_ptr<SentObject>, Status> shared(std::expected<DecodedConfig, Status> sent) {
  if (!sent) return std::unexpected(std::move(sent.error()));
  return std::make_shared<DecodedConfig>(std::move(*sent));
}

void append(FieldErrors& errors, FieldErrors more) {
  errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

class ConfigKind final : public Kind {
 public:
  explicit ConfigKind(const Resource& resource) : resource_(resource) {}

  std::expected<std::shared_ptr<SentObject>, Status> decode(Format format, std::string_view body,
                                                            FieldValidation validation) const override {
    return shared(decode_config(resource_, format, body, validation));
  }
  std::expected<std::shared_ptr<SentObject>, Status> decode_patched(
      const Patched& patched, FieldValidation validation) const override {
    return shared(decode_patched_config(resource_, patched, validation));
  }

  std::expected<PreparedCreation, Status> create(const Call& call, SentObject& given) const override {
    auto& sent = static_cast<DecodedConfig&>(given);
    auto& deps = call.core.deps;
    engine::ConfigObject object{prepared_metadata(sent, engine::make_uid(random_bytes(deps.random)),
                                                  deps.clock.now(), random_bytes(deps.random)),
                                sent.body};
    object.meta.managed_fields = sent.applied_fields
                                     ? *sent.applied_fields
                                     : managed_on_create(field_write(call), object, sent.meta.managed_fields);
    if (const auto admitted = admit(call, object, nullptr); !admitted)
      return std::unexpected(admitted.error());
    auto errors = validate_metadata(object.meta, true, check_path_segment);
    append(errors, resource_.config->check(object));
    if (!errors.empty())
      return std::unexpected(status::invalid(resource_.kind_name(), object.meta.name, errors));
    if (const auto fresh = check_unversioned(sent); !fresh) return std::unexpected(fresh.error());
    auto command = put(std::nullopt, std::move(object));
    return PreparedCreation{
        .meta = command.object.meta,
        .command =
            [command](const std::string& name) {
              auto named = command;
              named.object.meta.name = name;
              return engine::Command(engine::ConfigCommand(std::move(named)));
            },
        .admission = [&call, object = command.object] { return admit(call, object, nullptr); },
        .advice = advice_on(call, command.object)};
  }

  std::expected<PreparedChange, Status> change(const Call& call, const FoundObject& found,
                                               const SentObject& given, bool patch) const override {
    const auto& sent = static_cast<const DecodedConfig&>(given);
    const auto state = found.state(*call.resource);
    const auto& stored = *std::get<engine::ConfigState>(*state).object;
    engine::ConfigObject updated{kept_metadata(stored.meta, sent), sent.body};
    if (sent.applied_fields) {
      take_managed_fields(stored, updated, *sent.applied_fields);
    } else {
      manage(field_write(call), stored, updated, sent.meta.managed_fields);
    }
    if (const auto admitted = admit(call, updated, &stored); !admitted)
      return std::unexpected(admitted.error());
    if (const auto current = check_versions(resource_, stored.meta, found.version(), sent, patch); !current)
      return std::unexpected(current.error());
    if (const auto errors = check_change(updated, stored); !errors.empty())
      return std::unexpected(status::invalid(resource_.kind_name(), stored.meta.name, errors));
    if (updated == stored)
      return PreparedChange{.command = std::nullopt, .after = state, .admission = nullptr};
    engine::ConfigState after;
    after.object = updated;
    after.kind = resource_.kind;
    const auto ask = [&call, updated, state] {
      return admit(call, updated, &*std::get<engine::ConfigState>(*state).object);
    };
    auto advice = advice_on(call, updated);
    return PreparedChange{.command = engine::ConfigCommand(put(found.version(), std::move(updated))),
                          .after = std::make_shared<const engine::State>(std::move(after)),
                          .admission = ask,
                          .advice = std::move(advice)};
  }

  std::expected<std::shared_ptr<SentObject>, Status> apply(const Call& call, const FoundObject* found,
                                                           const std::string& configuration,
                                                           bool force) const override {
    const auto state = found ? found->state(*call.resource) : nullptr;
    const auto* live = state ? &*std::get<engine::ConfigState>(*state).object : nullptr;
    auto applied = apply_to_config(field_write(call), live, found ? found->version() : engine::Position{},
                                   configuration, force);
    if (!applied) return std::unexpected(std::move(applied.error()));
    const Patched merged{.object = applied->object, .shown = applied->object, .problems = {}};
    auto whole = decode_patched_config(resource_, merged, FieldValidation::ignore);
    if (!whole) return std::unexpected(std::move(whole.error()));
    whole->applied_fields = std::move(applied->managed_fields);
    return std::make_shared<DecodedConfig>(std::move(*whole));
  }

  engine::Command deletion(engine::Delete command) const override {
    return engine::ConfigCommand(std::move(command));
  }

 private:
  /// May this user have such an object? Asked before it is validated, as Kubernetes' policy-based storage
  /// does.
  static std::expected<void, Status> admit(const Call& call, const engine::ConfigObject& wanted,
                                           const engine::ConfigObject* stored) {
    const ConfigAdmission* admission = call.core.deps.config_admission;
    if (!admission) return {};
    return admission->admit(call.user(), *call.resource, wanted, stored);
  }

  static Advice advice_on(const Call& call, const engine::ConfigObject& wanted) {
    const ConfigAdvice* advice = call.core.deps.config_advice;
    if (!advice) return nullptr;
    return [&call, advice, wanted](bool dry_run) { return advice->advise(*call.resource, wanted, dry_run); };
  }

  /// kube-apiserver checks metadata in its generic part and again in the resource's: the causes come twice.
  FieldErrors check_change(const engine::ConfigObject& updated, const engine::ConfigObject& stored) const {
    auto errors = validate_metadata(updated.meta, false, check_path_segment);
    append(errors, validate_metadata_update(updated.meta, stored.meta));
    append(errors, validate_metadata(updated.meta, true, check_path_segment));
    append(errors, resource_.config->check(updated));
    append(errors, validate_metadata_update(updated.meta, stored.meta));
    append(errors, resource_.config->check_change(updated, stored));
    return errors;
  }

  engine::PutConfig put(std::optional<engine::Position> base, engine::ConfigObject object) const {
    auto hash =
        resource_.config->hash ? resource_.config->hash(object) : engine::to_hex(sha256_bytes(*object.body));
    return {.base = base, .kind = resource_.kind, .hash = std::move(hash), .object = std::move(object)};
  }

  const Resource& resource_;
};

}  // namespace

std::unique_ptr<const Kind> config_kind(const Resource& resource) {
  return std::make_unique<ConfigKind>(resource);
}

}  // namespace csrflow::api
