// Format: {"metadata":{…},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}, as core/v1 has
// it.
#include "api/namespaces.hpp"

#include "api/columns.hpp"
#include "api/digest.hpp"
#include "api/schemas.hpp"
#include "engine/json_writer.hpp"
#include "engine/object_json.hpp"

namespace csrflow::api {
namespace {

constexpr std::array<std::string_view, 4> names = {"default", "kube-node-lease", "kube-public",
                                                   "kube-system"};

Resource describe() {
  return {.group = {},
          .version = "v1",
          .kind = "Namespace",
          .list_kind = "NamespaceList",
          .plural = "namespaces",
          .singular = "namespace",
          .short_names = {"ns"},
          .scope = Scope::cluster,
          .verbs = {"get", "list", "watch"},
          .subresources = {},
          .columns = {{"Name", "name", column::name},
                      {"Status", "", "The status of the namespace"},
                      {"Age", "", column::creation}},
          .age_column = 2,
          .selectable_fields = {"status.phase", "name"},
          .stream_category = {},
          .storage_version_hash = storage_version_hash("", "v1", "Namespace"),
          .schema_name = "io.k8s.api.core.v1.Namespace",
          .schemas = namespace_schemas,
          .zero_members = R"("spec":{},"status":{})"};
}

engine::Uid uid_of(const std::string& name, const engine::StoredEvent& first) {
  const auto digest = sha256_bytes("namespace\n" + name + '\n' + std::string(first.data));
  std::array<std::uint8_t, 16> bytes{};
  std::transform(digest.begin(), digest.begin() + bytes.size(), bytes.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return engine::make_uid(bytes);
}

engine::ObjectRow row_of(const std::string& name, const engine::StoredEvent& first) {
  engine::ObjectMeta meta;
  meta.name = name;
  meta.uid = uid_of(name, first);
  meta.creation = first.recorded_at.cut_to_seconds();
  meta.labels = {{"kubernetes.io/metadata.name", name}};
  engine::ObjectRow row{.resource = "namespaces",
                        .name = name,
                        .uid = meta.uid,
                        .resource_version = first.position,
                        .creation = meta.creation,
                        .labels = meta.labels,
                        .fields = {{"status.phase", "Active"}, {"name", name}},
                        .cells = "[\"" + name + R"(","Active",null])",
                        .tail = R"("metadata":)"};
  engine::append_metadata_json(row.tail, meta, first.position);
  row.metadata_bytes = row.tail.size();
  row.tail += R"(,"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})";
  return row;
}

}  // namespace

const Resource& namespaces() {
  static const Resource resource = describe();
  return resource;
}

std::vector<engine::ObjectRow> namespace_rows(engine::EventReader& reader) {
  const auto first = reader.after({}, 1);
  std::vector<engine::ObjectRow> rows;
  if (first.empty()) return rows;
  for (const auto name : names) rows.push_back(row_of(std::string(name), first.front()));
  return rows;
}

}  // namespace csrflow::api
