#include "api/listing.hpp"

#include "api/snapshot.hpp"

namespace csrflow::api {

engine::ObjectList list_of(const Resource& resource, const ObjectSources& sources,
                           const WatchSelector& selector, const ListWish& wish) {
  if (is_derived(resource))
    return derived_list(resource, *sources.log.reader(), selector, wish, sources.clock.now());
  engine::ListQuery query{.resource = resource.plural,
                          .name_after = wish.name_after,
                          .name = selector.fields.required_name(),
                          .matches = nullptr,
                          .limit = wish.limit};
  if (!selector.labels.empty() || !selector.fields.empty())
    query.matches = [&selector](const engine::ObjectRow& row) { return selector.matches(row); };
  if (wish.at) return list_at(resource, sources.views, sources.log, *wish.at, query);
  return sources.views.list(query);
}

std::optional<engine::ObjectRow> object_named(const Resource& resource, const ObjectSources& sources,
                                              const std::string& name) {
  if (is_derived(resource)) return derived_object(resource, *sources.log.reader(), name);
  return sources.views.get(resource.plural, name);
}

}  // namespace csrflow::api
