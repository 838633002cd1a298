#include "api/discovery.hpp"

#include <algorithm>

#include "api/accept.hpp"
#include "api/digest.hpp"
#include "engine/json_writer.hpp"

namespace csrflow::api {

using engine::append_json_string;
using engine::JsonObject;

namespace {

/// Groups in discovery's order; the core group is not among them.
std::vector<std::string> groups() {
  std::vector<std::string> names;
  for (const Resource* resource : resources()) {
    if (!resource->group.empty() && std::ranges::find(names, resource->group) == names.end()) {
      names.push_back(resource->group);
    }
  }
  return names;
}

std::vector<std::string> versions(std::string_view group) {
  std::vector<std::string> found;
  for (const Resource* resource : resources()) {
    if (resource->group == group && std::ranges::find(found, resource->version) == found.end()) {
      found.push_back(resource->version);
    }
  }
  return found;
}

void append_group_version(std::string& out, const std::string& group, const std::string& version) {
  JsonObject object(out);
  object.text("groupVersion", group + '/' + version);
  object.text("version", version);
}

void append_group(std::string& out, const std::string& group, bool with_kind) {
  JsonObject object(out);
  if (with_kind) {
    object.text("kind", "APIGroup");
    object.text("apiVersion", "v1");
  }
  object.text("name", group);
  object.key("versions") += '[';
  const std::vector<std::string> all = versions(group);
  for (const std::string& version : all) {
    if (&version != &all.front()) out += ',';
    append_group_version(out, group, version);
  }
  out += ']';
  append_group_version(object.key("preferredVersion"), group, all.front());
}

void append_resource(std::string& out, const Resource& resource) {
  JsonObject object(out);
  object.text("name", resource.plural);
  object.text("singularName", resource.singular);
  object.boolean("namespaced", resource.scope == Scope::namespaced);
  object.text("kind", resource.kind);
  object.texts("verbs", resource.verbs);
  if (!resource.short_names.empty()) object.texts("shortNames", resource.short_names);
  object.text_if("storageVersionHash", resource.storage_version_hash);
}

void append_subresource(std::string& out, const Resource& resource, const Subresource& subresource) {
  JsonObject object(out);
  object.text("name", resource.plural + '/' + subresource.name);
  object.text("singularName", "");
  object.boolean("namespaced", resource.scope == Scope::namespaced);
  object.text("kind", resource.kind);
  object.texts("verbs", subresource.verbs);
}

}  // namespace

std::string api_versions_json(std::string_view address) {
  std::string out;
  {
    JsonObject object(out);
    object.text("kind", "APIVersions");
    object.key("versions") += R"(["v1"])";
    object.key("serverAddressByClientCIDRs") += R"([{"clientCIDR":"0.0.0.0/0","serverAddress":)";
    append_json_string(out, address);
    out += "}]";
  }
  return out;
}

std::string api_group_list_json() {
  std::string out = R"({"kind":"APIGroupList","apiVersion":"v1","groups":[)";
  bool first = true;
  for (const std::string& group : groups()) {
    if (!first) out += ',';
    first = false;
    append_group(out, group, false);
  }
  return out + "]}";
}

std::optional<std::string> api_group_json(std::string_view group) {
  if (group.empty() || !known_group(group)) return std::nullopt;
  std::string out;
  append_group(out, std::string(group), true);
  return out;
}

std::optional<std::string> api_resource_list_json(std::string_view group, std::string_view version) {
  const bool core = group.empty() && version == "v1";
  if (!core && !known_version(group, version)) return std::nullopt;
  std::string out = R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":)";
  append_json_string(out,
                     group.empty() ? std::string(version) : std::string(group) + '/' + std::string(version));
  out += R"(,"resources":[)";
  bool first = true;
  const auto separate = [&] {
    if (!first) out += ',';
    first = false;
  };
  for (const Resource* resource : resources()) {
    if (resource->group != group || resource->version != version) continue;
    separate();
    append_resource(out, *resource);
    for (const Subresource& subresource : resource->subresources) {
      separate();
      append_subresource(out, *resource, subresource);
    }
  }
  return out + "]}";
}

// ---- the aggregated form ------------------------------------------------------------------------

namespace {

void append_response_kind(std::string& out, const std::string& kind) {
  JsonObject object(out);
  object.text("group", "");
  object.text("version", "");
  object.text("kind", kind);
}

void append_aggregated_resource(std::string& out, const Resource& resource) {
  JsonObject object(out);
  object.text("resource", resource.plural);
  append_response_kind(object.key("responseKind"), resource.kind);
  object.text("scope", resource.scope == Scope::cluster ? "Cluster" : "Namespaced");
  object.text("singularResource", resource.singular);
  object.texts("verbs", resource.verbs);
  if (!resource.short_names.empty()) object.texts("shortNames", resource.short_names);
  if (resource.subresources.empty()) return;
  object.key("subresources") += '[';
  for (const Subresource& subresource : resource.subresources) {
    if (&subresource != &resource.subresources.front()) out += ',';
    JsonObject item(out);
    item.text("subresource", subresource.name);
    append_response_kind(item.key("responseKind"), resource.kind);
    item.texts("verbs", subresource.verbs);
  }
  out += ']';
}

void append_aggregated_group(std::string& out, const std::string& group) {
  out += R"({"metadata":)";
  {
    JsonObject metadata(out);
    metadata.text_if("name", group);
  }
  out += R"(,"versions":[)";
  const std::vector<std::string> all = versions(group);
  for (const std::string& version : all) {
    if (&version != &all.front()) out += ',';
    out += R"({"version":)";
    append_json_string(out, version);
    out += R"(,"resources":[)";
    bool first = true;
    for (const Resource* resource : resources()) {
      if (resource->group != group || resource->version != version) continue;
      if (!first) out += ',';
      first = false;
      append_aggregated_resource(out, *resource);
    }
    out += R"(],"freshness":"Current"})";
  }
  out += "]}";
}

Document make_aggregated(bool core, const std::string& version) {
  Document document;
  document.content_type = "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList";
  document.body = R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/)" + version +
                  R"(","metadata":{},"items":[)";
  const std::vector<std::string> listed = core ? std::vector<std::string>{""} : groups();
  for (const std::string& group : listed) {
    if (&group != &listed.front()) document.body += ',';
    append_aggregated_group(document.body, group);
  }
  document.body += "]}";
  document.etag = '"' + sha512_hex(document.body) + '"';
  return document;
}

}  // namespace

const Document& aggregated_discovery(bool core, std::string_view version) {
  static const Document groups_v2 = make_aggregated(false, "v2");
  static const Document groups_v2beta1 = make_aggregated(false, "v2beta1");
  static const Document core_v2 = make_aggregated(true, "v2");
  static const Document core_v2beta1 = make_aggregated(true, "v2beta1");
  if (core) return version == "v2beta1" ? core_v2beta1 : core_v2;
  return version == "v2beta1" ? groups_v2beta1 : groups_v2;
}

std::string_view aggregated_version(std::string_view accept) {
  for (const AcceptClause& clause : parse_accept(accept)) {
    const auto is = [&](const char* name, std::string_view value) {
      const auto found = clause.parameters.find(name);
      return found != clause.parameters.end() && found->second == value;
    };
    if (clause.type != "application/json") continue;
    if (clause.parameters.empty()) return {};
    if (!is("g", "apidiscovery.k8s.io") || !is("as", "APIGroupDiscoveryList")) continue;
    for (const std::string_view version : {"v2", "v2beta1"}) {
      if (is("v", version)) return version;
    }
  }
  return {};
}

std::string root_paths_json() {
  std::vector<std::string> paths = {"/api",        "/api/v1",      "/apis",    "/apis/",
                                    "/healthz",    "/livez",       "/metrics", "/openapi/v2",
                                    "/openapi/v3", "/openapi/v3/", "/readyz",  "/version"};
  for (const std::string& group : groups()) {
    paths.push_back("/apis/" + group);
    for (const std::string& version : versions(group)) paths.push_back("/apis/" + group + '/' + version);
  }
  std::ranges::sort(paths);
  std::string out;
  {
    JsonObject object(out);
    object.texts("paths", paths);
  }
  return out;
}

std::string version_json() {
  // The API's level, not csrflow's own version: clients choose features by it.
  return R"({"major":"1","minor":"35","emulationMajor":"1","emulationMinor":"35","minCompatibilityMajor":"1",)"
         R"("minCompatibilityMinor":"34","gitVersion":"v1.35.0+csrflow","gitCommit":"","gitTreeState":"clean",)"
         R"("buildDate":"1970-01-01T00:00:00Z","goVersion":"","compiler":"gcc","platform":"linux/amd64"})";
}

}  // namespace csrflow::api
