// An OpenAPI 3.0.0 document for each group and version: its paths with the parameters that kubectl looks for,
// and its schemas. Made once of the resources' descriptions.
#include "api/openapi.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "api/digest.hpp"
#include "api/schemas.hpp"

namespace csrflow::api {

namespace {

using nlohmann::json;

constexpr const char* json_type = "application/json";

json reference(const std::string& schema) {
  return {{"$ref", "#/components/schemas/" + schema}};
}

json parameter(const char* name, const char* type, const char* description) {
  return {{"name", name},
          {"in", "query"},
          {"description", description},
          {"schema", {{"type", type}, {"uniqueItems", true}}}};
}

json write_parameters() {
  return json::array({parameter("dryRun", "string", "All: everything is done except storing."),
                      parameter("fieldManager", "string", "The name of the program that writes."),
                      parameter("fieldValidation", "string",
                                "What becomes of unknown and duplicate fields: Ignore, Warn or Strict.")});
}

json list_parameters() {
  return json::array({parameter("labelSelector", "string", "Only objects with these labels."),
                      parameter("fieldSelector", "string", "Only objects with these fields."),
                      parameter("limit", "integer", "At most so many objects."),
                      parameter("continue", "string", "Goes on where a limited list ended."),
                      parameter("resourceVersion", "string", "Which state to read."),
                      parameter("resourceVersionMatch", "string", "How resourceVersion is meant."),
                      parameter("timeoutSeconds", "integer", "Ends the call after this time."),
                      parameter("watch", "boolean", "Follow the changes.")});
}

constexpr const char* meta_schema = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// The name of what the action answers.
std::string answered_schema(const Resource& resource, std::string_view action) {
  if (action == "list") return resource.schema_name + "List";
  if (action == "delete" || action == "deletecollection") return std::string(meta_schema) + "Status";
  return resource.schema_name;
}

/// Letters and digits, and what follows anything else in capitals (apiserver, ToValidOperationID).
std::string joined_words(std::string_view text, bool capital) {
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (letter || (digit && !out.empty())) {
      out += capital && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      capital = false;
    } else {
      capital = true;
    }
  }
  return out;
}

/// The group without Kubernetes' own ending.
std::string short_group(const Resource& resource) {
  constexpr std::string_view ending = ".k8s.io";
  std::string group = resource.group.empty() ? "core" : resource.group;
  if (group.ends_with(ending)) group.resize(group.size() - ending.size());
  return group;
}

/// `readCertificatesV1CertificateSigningRequestStatus` (apiserver, GetOperationIDAndTags).
std::string operation_id(const Resource& resource, const std::string& verb, const std::string& what) {
  const bool namespaced = resource.scope == Scope::namespaced && !what.ends_with("ForAllNamespaces");
  const std::string many = verb == "deletecollection" ? "Collection" : "";
  return (many.empty() ? verb : "delete") + joined_words(short_group(resource), true) +
         joined_words(resource.version, true) + many + (namespaced ? "Namespaced" : "") + what;
}

json operation(const Resource& resource, const std::string& id, const char* action, json parameters) {
  const json answer = {
      {"description", "OK"},
      {"content", {{json_type, {{"schema", reference(answered_schema(resource, action))}}}}}};
  parameters.push_back(parameter("pretty", "string", "true: the answer is indented."));
  const std::string tag =
      joined_words(short_group(resource), false) + '_' + joined_words(resource.version, false);
  return {{"operationId", id},
          {"tags", json::array({tag})},
          {"parameters", std::move(parameters)},
          {"responses", {{"200", answer}}},
          {"x-kubernetes-action", action},
          {"x-kubernetes-group-version-kind",
           {{"group", resource.group}, {"version", resource.version}, {"kind", resource.kind}}}};
}

void add_body(json& operation, const std::string& schema, bool required = true) {
  operation["requestBody"] = {{"content", {{json_type, {{"schema", reference(schema)}}}}}};
  if (required) operation["requestBody"]["required"] = true;
}

void add_patch_body(json& operation) {
  json content = json::object();
  for (const char* type :
       {"application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json",
        "application/strategic-merge-patch+json", "application/apply-patch+yaml"}) {
    content[type] = {{"schema", reference(std::string(meta_schema) + "Patch")}};
  }
  operation["requestBody"] = {{"required", true}, {"content", std::move(content)}};
}

json path_parameter(const char* name) {
  return {{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}};
}

/// What every path to this resource's objects names besides the object.
json place_parameters(const Resource& resource) {
  return resource.scope == Scope::namespaced ? json::array({path_parameter("namespace")}) : json::array();
}

json one_object_path(const Resource& resource, const std::string& suffix,
                     const std::vector<std::string>& verbs) {
  json path = {{"parameters", place_parameters(resource)}};
  path["parameters"].push_back(path_parameter("name"));
  const auto id = [&](const char* verb) {
    return operation_id(resource, verb, resource.kind + joined_words(suffix, true));
  };
  const auto has = [&](std::string_view verb) { return std::ranges::find(verbs, verb) != verbs.end(); };
  if (has("get")) path["get"] = operation(resource, id("read"), "get", json::array());
  if (has("update")) {
    path["put"] = operation(resource, id("replace"), "put", write_parameters());
    add_body(path["put"], resource.schema_name);
  }
  if (has("patch")) {
    json parameters = write_parameters();
    parameters.push_back(parameter("force", "boolean", "For server-side apply: take over fields of others."));
    path["patch"] = operation(resource, id("patch"), "patch", std::move(parameters));
    add_patch_body(path["patch"]);
  }
  if (has("delete")) {
    path["delete"] = operation(resource, id("delete"), "delete", json::array());
    add_body(path["delete"], std::string(meta_schema) + "DeleteOptions", false);
  }
  return path;
}

json collection_path(const Resource& resource) {
  json path = json::object();
  if (resource.scope == Scope::namespaced) path["parameters"] = place_parameters(resource);
  if (resource.has_verb("create")) {
    path["post"] =
        operation(resource, operation_id(resource, "create", resource.kind), "post", write_parameters());
    add_body(path["post"], resource.schema_name);
  }
  if (resource.has_verb("list"))
    path["get"] =
        operation(resource, operation_id(resource, "list", resource.kind), "list", list_parameters());
  if (resource.has_verb("deletecollection")) {
    path["delete"] = operation(resource, operation_id(resource, "deletecollection", resource.kind),
                               "deletecollection", list_parameters());
    add_body(path["delete"], std::string(meta_schema) + "DeleteOptions", false);
  }
  return path;
}

std::string make_document(const std::string& group_path, const std::string& group,
                          const std::string& version) {
  json schemas = json::parse(meta_schemas);
  json paths = json::object();
  for (const Resource* resource : resources()) {
    if (resource->group != group || resource->version != version) continue;
    schemas.update(json::parse(resource->schemas));
    const bool namespaced = resource->scope == Scope::namespaced;
    const std::string base =
        '/' + group_path + (namespaced ? "/namespaces/{namespace}/" : "/") + resource->plural;
    paths[base] = collection_path(*resource);
    if (namespaced && resource->has_verb("list"))
      paths['/' + group_path + '/' + resource->plural]["get"] =
          operation(*resource, operation_id(*resource, "list", resource->kind + "ForAllNamespaces"), "list",
                    list_parameters());
    if (!resource->has_verb("get")) continue;
    paths[base + "/{name}"] = one_object_path(*resource, "", resource->verbs);
    for (const Subresource& subresource : resource->subresources) {
      paths[base + "/{name}/" + subresource.name] =
          one_object_path(*resource, subresource.name, subresource.verbs);
    }
  }
  return json{{"openapi", "3.0.0"},
              {"info", {{"title", "csrflow"}, {"version", "v1.35.0+csrflow"}}},
              {"paths", std::move(paths)},
              {"components", {{"schemas", std::move(schemas)}}}}
      .dump();
}

std::map<std::string, Document, std::less<>> make_documents() {
  std::map<std::string, Document, std::less<>> documents;
  for (const Resource* resource : resources()) {
    const std::string path =
        (resource->group.empty() ? "api/" : "apis/" + resource->group + '/') + resource->version;
    if (documents.contains(path)) continue;
    Document& document = documents[path];
    document.body = make_document(path, resource->group, resource->version);
    document.content_type = json_type;
    document.etag = '"' + sha512_hex(document.body) + '"';
  }
  return documents;
}

const std::map<std::string, Document, std::less<>>& documents() {
  static const auto all = make_documents();
  return all;
}

}  // namespace

std::string openapi_index_json() {
  json paths = json::object();
  for (const auto& [path, document] : documents()) paths[path] = {{"serverRelativeURL", openapi_url(path)}};
  return json{{"paths", std::move(paths)}}.dump();
}

const Document* openapi_document(std::string_view path) {
  const auto found = documents().find(path);
  return found == documents().end() ? nullptr : &found->second;
}

std::vector<std::string> openapi_paths() {
  std::vector<std::string> paths;
  for (const auto& [path, document] : documents()) paths.push_back(path);
  return paths;
}

std::string openapi_url(std::string_view path) {
  std::string url = "/openapi/v3/" + std::string(path);
  if (const Document* document = openapi_document(path)) {
    url += "?hash=" + document->etag.substr(1, document->etag.size() - 2);
  }
  return url;
}

}  // namespace csrflow::api
