#include "api/role_book.hpp"

#include <algorithm>

#include "engine/overloaded.hpp"

namespace csrflow::api {
namespace {

/// The object as a JSON document, from the rendered tail of a stored one.
std::string document(const engine::ObjectRow& row) {
  return '{' + row.tail;
}

template <class Object>
void put(std::map<std::string, std::shared_ptr<const Object>, std::less<>>& all, Object object) {
  std::string name = object.name;
  all[std::move(name)] = std::make_shared<const Object>(std::move(object));
}

void apply(RbacObjects& objects, const engine::Applied& event) {
  if (event.kind == "ClusterRole") put(objects.roles, read_cluster_role(event.object));
  if (event.kind == "ClusterRoleBinding") put(objects.bindings, read_cluster_role_binding(event.object));
}

void remove(RbacObjects& objects, const engine::ConfigDeleted& event, const engine::Record& record) {
  const auto& name = std::get<engine::ConfigState>(*record.before).object->meta.name;
  if (event.kind == "ClusterRole") objects.roles.erase(name);
  if (event.kind == "ClusterRoleBinding") objects.bindings.erase(name);
}

}  // namespace

RoleBook::RoleBook(engine::ObjectViews& views) {
  RbacObjects objects;
  const auto all = [&](std::string_view resource) {
    engine::ListQuery query;
    query.resource = resource;
    return views.list(query);
  };
  const auto roles = all(rbac::cluster_roles);
  for (const auto& row : roles.rows) put(objects.roles, read_cluster_role(document(row)));
  const auto bindings = all(rbac::cluster_role_bindings);
  for (const auto& row : bindings.rows) put(objects.bindings, read_cluster_role_binding(document(row)));
  // Only what both lists show is known to be so.
  current_ =
      std::make_shared<const RbacPolicy>(std::move(objects), std::min(roles.position, bindings.position));
}

void RoleBook::committed(const std::shared_ptr<const engine::Batch>& batch) {
  std::optional<RbacObjects> objects;
  engine::Position position;
  for (const auto& record : *batch) {
    const auto* event = std::get_if<engine::ConfigEvent>(record.event.get());
    if (!event || record.stamp.stream.category() != rbac::category) continue;
    if (!objects) objects = current()->objects();
    std::visit(engine::overloaded{
                   [&](const engine::Applied& applied) { apply(*objects, applied); },
                   [&](const engine::ConfigDeleted& deleted) { remove(*objects, deleted, record); },
               },
               *event);
    position = record.stamp.position;
  }
  if (objects) current_ = std::make_shared<const RbacPolicy>(std::move(*objects), position);
}

}  // namespace csrflow::api
