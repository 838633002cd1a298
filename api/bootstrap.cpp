#include "api/bootstrap.hpp"

#include "api/bootstrap_roles.hpp"
#include "api/config_format.hpp"
#include "api/kind.hpp"
#include "api/own_kinds.hpp"
#include "api/trust_bundles.hpp"

namespace csrflow::api {
namespace {

using Done = std::expected<void, engine::Refusal>;

struct Setup {
  engine::EventReader& reader;
  engine::Writer& writer;
  engine::Random& random;

  /// Creates the object or changes the stored one (null: there is none) to what is wanted; writes nothing
  /// when nothing else is wanted.
  template <class Wanted>
  Done ensure(const Resource& resource, const std::string& name, Wanted wanted) {
    const auto stream = resource.stream_of(name);
    const auto state = std::get<engine::ConfigState>(engine::fold(stream, reader.stream(stream)));
    std::optional<engine::ConfigObject> object = wanted(state.object ? &*state.object : nullptr);
    if (!object) return {};
    engine::PutConfig put{.base = {}, .kind = resource.kind, .hash = {}, .object = std::move(*object)};
    if (state.object) {
      put.base = state.resource_version;
    } else {
      put.object.meta.name = name;
      put.object.meta.uid = engine::make_uid(random_bytes(random));
    }
    put.hash = resource.config->hash ? resource.config->hash(put.object) : hash_of(put.object.body);
    return send(stream, std::move(put));
  }

  Done send(const engine::StreamId& stream, engine::PutConfig put) {
    engine::Submission submission{.stream = stream, .command = engine::ConfigCommand(std::move(put))};
    submission.context.actor = engine::system_actor("setup");
    auto done = writer.call(std::move(submission));
    if (!done) return std::unexpected(std::move(done.error()));
    return {};
  }
};

/// What a stored role or binding lacks of the shipped one is added.
template <class Object>
auto with(const Object& shipped, Object (*read)(const engine::ConfigObject&)) {
  return [&shipped, read](const engine::ConfigObject* stored) -> std::optional<engine::ConfigObject> {
    const std::optional<Object> wanted =
        stored ? reconciled(read(*stored), shipped) : std::optional<Object>(shipped);
    if (!wanted) return std::nullopt;
    engine::ConfigObject object = stored ? *stored : engine::ConfigObject{};
    object.meta.labels = wanted->labels;
    object.meta.annotations = wanted->annotations;
    object.body = body_of(*wanted);
    return object;
  };
}

/// An object with this body, whatever it had before.
auto with_body(engine::ConfigBody body) {
  return [body = std::move(body)](const engine::ConfigObject* stored) -> std::optional<engine::ConfigObject> {
    if (stored && *stored->body == *body) return std::nullopt;
    engine::ConfigObject object = stored ? *stored : engine::ConfigObject{};
    object.body = body;
    return object;
  };
}

}  // namespace

Done ensure_bootstrap_roles(engine::EventReader& reader, engine::Writer& writer, engine::Random& random) {
  Setup setup{reader, writer, random};
  for (const ClusterRole& role : bootstrap_roles())
    if (auto done = setup.ensure(cluster_roles(), role.name, with(role, read_cluster_role)); !done)
      return done;
  for (const ClusterRoleBinding& binding : bootstrap_bindings())
    if (auto done =
            setup.ensure(cluster_role_bindings(), binding.name, with(binding, read_cluster_role_binding));
        !done)
      return done;
  return {};
}

Done ensure_trust_bundles(engine::EventReader& reader, engine::Writer& writer, engine::Random& random,
                          std::span<const engine::SignerName> signers,
                          std::span<const std::string> certificates) {
  Setup setup{reader, writer, random};
  for (const engine::SignerName& signer : signers)
    if (auto done = setup.ensure(cluster_trust_bundles(), trust_bundle_name(signer),
                                 with_body(trust_bundle_body(signer, certificates)));
        !done)
      return done;
  return {};
}

Done ensure_signers(engine::EventReader& reader, engine::Writer& writer, engine::Random& random,
                    const engine::StringMap& specs) {
  Setup setup{reader, writer, random};
  for (const auto& [name, spec] : specs)
    if (auto done = setup.ensure(signers(), name,
                                 with_body(std::make_shared<const std::string>(R"({"spec":)" + spec + '}')));
        !done)
      return done;
  return {};
}

}  // namespace csrflow::api
