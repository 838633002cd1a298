#include "api/found_object.hpp"

#include "api/listing.hpp"
#include "api/presenter.hpp"
#include "engine/json_reader.hpp"
#include "engine/object_json.hpp"
#include "engine/shown_object.hpp"

namespace csrflow::api {

engine::Position FoundObject::version() const {
  return row_ ? row_->resource_version : engine::resource_version(*recent_->state);
}

engine::ObjectRow FoundObject::row() const {
  return row_ ? *row_ : object_row(*recent_->state, version(), *recent_->tail);
}

std::shared_ptr<const engine::State> FoundObject::state(const Resource& resource) const {
  if (recent_) return recent_->state;
  const std::string json = '{' + row_->tail;
  engine::JsonReader reader(json);
  if (resource.config) {
    engine::ConfigState state;
    state.object = engine::config_object_from_json(reader);
    state.kind = resource.kind;
    state.resource_version = version();
    return std::make_shared<const engine::State>(std::move(state));
  }
  engine::CsrState state;
  state.object = engine::object_from_json(reader);
  state.spec_json = std::make_shared<const std::string>(engine::spec_json(*state.object->spec));
  state.resource_version = version();
  return std::make_shared<const engine::State>(std::move(state));
}

namespace {

/// Derived objects that are in a namespace are in this one.
constexpr std::string_view home = "default";

std::optional<FoundObject> looked_up(const Call& call) {
  const Resource& resource = *call.resource;
  if (resource.scope == Scope::namespaced && call.target.namespace_name != home) return std::nullopt;
  auto& deps = call.core.deps;
  auto row = object_named(resource, {deps.views, deps.log, deps.clock}, call.target.name);
  if (!row) return std::nullopt;
  return FoundObject(std::move(*row));
}

}  // namespace

void find_object(const CallPtr& call, std::move_only_function<void(std::optional<FoundObject>)> found) {
  auto& deps = call->core.deps;
  if (is_derived(*call->resource))
    return on_worker(call, [call, found = std::move(found)]() mutable { found(looked_up(*call)); });
  const auto stream = call->resource->stream_of(call->target.name);
  if (auto recent = deps.followers.recent.find(stream)) {
    if (recent->tail) {
      found(FoundObject(std::move(*recent)));
    } else {
      found(std::nullopt);
    }
    return;
  }
  // One row costs less than the way to a worker and back.
  if (deps.views.position() >= deps.writer.head()) return guarded(call, [&] { found(looked_up(*call)); });
  deps.views.when_reached(deps.writer.head(), [call, found = std::move(found)]() mutable {
    on_worker(call, [call, found = std::move(found)]() mutable { found(looked_up(*call)); });
  });
}

}  // namespace csrflow::api
