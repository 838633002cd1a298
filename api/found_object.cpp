#include "api/found_object.hpp"

#include "api/csr_presenter.hpp"
#include "engine/json_reader.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {

engine::Position FoundObject::version() const {
  return row_ ? row_->resource_version : recent_->csr().resource_version;
}

engine::ObjectRow FoundObject::row() const {
  return row_ ? *row_ : csr_row(*recent_->csr().object, version(), *recent_->tail);
}

engine::CsrObject FoundObject::object() const {
  if (recent_) return *recent_->csr().object;
  const std::string json = '{' + row_->tail;
  engine::JsonReader reader(json);
  return engine::object_from_json(reader);
}

void find_object(const CallPtr& call, std::move_only_function<void(std::optional<FoundObject>)> found) {
  auto& deps = call->core.deps;
  const auto stream = engine::stream_of(call->resource->stream_category, call->target.name);
  if (auto recent = deps.followers.recent.find(stream)) {
    if (recent->tail) {
      found(FoundObject(std::move(*recent)));
    } else {
      found(std::nullopt);
    }
    return;
  }
  deps.views.when_reached(deps.writer.head(), [call, found = std::move(found)]() mutable {
    on_worker(call, [call, found = std::move(found)]() mutable {
      auto row = call->core.deps.views.get(call->resource->plural, call->target.name);
      if (row) {
        found(FoundObject(std::move(*row)));
      } else {
        found(std::nullopt);
      }
    });
  });
}

}  // namespace csrflow::api
