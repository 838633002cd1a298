#include "api/derived_objects.hpp"

#include <algorithm>

#include "api/happenings.hpp"
#include "api/namespaces.hpp"

namespace csrflow::api {
namespace {

bool is_events(const Resource& resource) {
  return &resource == &core_events() || &resource == &grouped_events();
}

/// Oldest first. A list that goes on knows where it was by the position in the last one's name; what has
/// become older than recent meanwhile was sent before.
std::vector<engine::ObjectRow> events(const Resource& resource, engine::EventReader& reader,
                                      const WatchSelector& selector, const ListWish& wish,
                                      engine::Position until, engine::Timestamp now) {
  const engine::Position after = position_of_happening(wish.name_after).value_or(engine::Position{});
  const std::string about = resource.group.empty() ? "involvedObject.name" : "regarding.name";
  if (const auto request = selector.fields.required(about)) {
    auto rows = happenings_of(resource, reader, *request);
    std::erase_if(rows, [&](const engine::ObjectRow& row) {
      return row.resource_version <= after || row.resource_version > until;
    });
    return rows;
  }
  if (after.value > 0) return happenings_between(resource, reader, after, until);
  const auto then =
      wish.at ? reader.after({until.value > 0 ? until.value - 1 : 0}, 1) : std::vector<engine::StoredEvent>{};
  const auto since = (then.empty() ? now : then.front().recorded_at) - recent_happenings;
  return happenings_between(resource, reader, last_before(reader, since), until);
}

std::vector<engine::ObjectRow> all_namespaces(engine::EventReader& reader, const ListWish& wish) {
  auto rows = namespace_rows(reader);
  std::erase_if(rows, [&](const engine::ObjectRow& row) { return row.name <= wish.name_after; });
  return rows;
}

}  // namespace

bool is_derived(const Resource& resource) {
  return is_events(resource) || &resource == &namespaces();
}

engine::ObjectList derived_list(const Resource& resource, engine::EventReader& reader,
                                const WatchSelector& selector, const ListWish& wish, engine::Timestamp now) {
  engine::ObjectList list;
  list.position = wish.at.value_or(reader.head());
  list.rows = is_events(resource) ? events(resource, reader, selector, wish, list.position, now)
                                  : all_namespaces(reader, wish);
  std::erase_if(list.rows, [&](const engine::ObjectRow& row) { return !selector.matches(row); });
  if (wish.limit && list.rows.size() > *wish.limit) {
    list.more = true;
    list.remaining = list.rows.size() - *wish.limit;
    list.rows.resize(*wish.limit);
  }
  return list;
}

std::optional<engine::ObjectRow> derived_object(const Resource& resource, engine::EventReader& reader,
                                                const std::string& name) {
  if (is_events(resource)) return happening_named(resource, reader, name);
  const auto rows = namespace_rows(reader);
  const auto found = std::ranges::find(rows, name, &engine::ObjectRow::name);
  return found == rows.end() ? std::nullopt : std::optional(*found);
}

}  // namespace csrflow::api
