#include "api/presenter.hpp"

#include <algorithm>

#include "api/config_format.hpp"
#include "api/csr_presenter.hpp"
#include "engine/overloaded.hpp"
#include "engine/shown_object.hpp"

namespace csrflow::api {

namespace {

engine::ObjectRow config_row(const engine::ConfigState& state, engine::Position version, std::string tail) {
  const engine::ConfigObject& object = *state.object;
  const Resource* resource = find_kind(state.kind);
  engine::ObjectRow row;
  row.name = object.meta.name;
  row.uid = object.meta.uid;
  row.resource_version = version;
  row.creation = object.meta.creation;
  row.labels = object.meta.labels;
  row.metadata_bytes = metadata_length(tail);
  row.tail = std::move(tail);
  if (resource && resource->config) {
    row.resource = resource->plural;
    row.cells = resource->config->cells(object);
    if (resource->config->fields) row.fields = resource->config->fields(object);
  }
  return row;
}

}  // namespace

const Resource* resource_of(const engine::StreamId& stream) {
  const auto collection = stream.collection();
  const auto found = std::ranges::find_if(
      resources(), [&](const Resource* resource) { return resource->stream_category == collection; });
  return found == resources().end() ? nullptr : *found;
}

engine::ObjectRow object_row(const engine::State& state, engine::Position version, std::string tail) {
  return std::visit(engine::overloaded{
                        [&](const engine::CsrState& s) { return csr_row(s, version, std::move(tail)); },
                        [&](const engine::ConfigState& s) { return config_row(s, version, std::move(tail)); },
                        [](const auto&) { return engine::ObjectRow{}; },
                    },
                    state);
}

std::optional<engine::ObjectRow> Presenter::row(const engine::Record& record) const {
  if (!record.tail) return std::nullopt;
  if (!engine::deletes_object(*record.event))
    return object_row(*record.after, engine::resource_version(*record.after), *record.tail);
  const Resource* resource = resource_of(record.stamp.stream);
  if (!resource) return std::nullopt;
  engine::ObjectRow row;
  row.resource = resource->plural;
  row.name = engine::live_meta(*record.before)->name;
  row.uid = engine::live_meta(*record.before)->uid;
  row.resource_version = record.stamp.position;
  return row;
}

}  // namespace csrflow::api
