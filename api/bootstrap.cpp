#include "api/bootstrap.hpp"

#include "api/bootstrap_roles.hpp"
#include "api/kind.hpp"

namespace csrflow::api {
namespace {

using Done = std::expected<void, engine::Refusal>;

struct Setup {
  engine::EventReader& reader;
  engine::Writer& writer;
  engine::Random& random;

  /// Creates the object, or gives it what it lacks.
  template <class Object>
  Done ensure(const std::string& kind, std::string_view streams, const Object& shipped,
              Object (*read)(const engine::ConfigObject&)) {
    const auto stream = engine::stream_of(streams, shipped.name);
    const auto state = std::get<engine::ConfigState>(engine::fold(stream, reader.stream(stream)));
    engine::PutConfig put{.base = {}, .kind = kind, .hash = {}, .object = {}};
    std::optional<Object> wanted = shipped;
    if (state.object) {
      put.base = state.resource_version;
      put.object = *state.object;
      wanted = reconciled(read(*state.object), shipped);
    } else {
      put.object.meta.name = shipped.name;
      put.object.meta.uid = engine::make_uid(random_bytes(random));
    }
    if (!wanted) return {};
    put.object.meta.labels = wanted->labels;
    put.object.meta.annotations = wanted->annotations;
    put.object.body = body_of(*wanted);
    put.hash = hash_of(put.object.body);
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

}  // namespace

Done ensure_bootstrap_roles(engine::EventReader& reader, engine::Writer& writer, engine::Random& random) {
  Setup setup{reader, writer, random};
  for (const ClusterRole& role : bootstrap_roles())
    if (auto done = setup.ensure("ClusterRole", rbac::role_streams, role, read_cluster_role); !done)
      return done;
  for (const ClusterRoleBinding& binding : bootstrap_bindings())
    if (auto done =
            setup.ensure("ClusterRoleBinding", rbac::binding_streams, binding, read_cluster_role_binding);
        !done)
      return done;
  return {};
}

}  // namespace csrflow::api
