// Everything that is no resource: discovery, OpenAPI, version, health.
#include <algorithm>
#include <ctime>

#include "api/handlers.hpp"
#include "api/health.hpp"
#include "api/http_text.hpp"
#include "api/openapi.hpp"
#include "metrics/exposition.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::time_t document_year = 365 * 24 * 3600;  // how long a document under its hash may be kept

void send_document(const CallPtr& call, std::string body, std::string_view type, Headers more = {}) {
  Headers headers{{"Audit-Id", call->audit_id}, {"Content-Type", std::string(type)}};
  for (const auto& [name, value] : more) headers.add(name, value);
  if (!headers.find("Cache-Control")) headers.add("Cache-Control", "no-cache, private");
  call->answer({.status = 200,
                .headers = std::move(headers),
                .body = std::make_shared<const std::string>(std::move(body))});
}

void send_json(const CallPtr& call, std::string json) {
  call->form = {.pretty = call->pretty};
  call->send(200, std::move(json));
}

void page_not_found(const CallPtr& call) {
  call->send_text(404, "404 page not found\n");
}

/// With an ETag the client that has it already gets 304.
void send_tagged(const CallPtr& call, const Document& document, Headers more) {
  Headers headers{{"Vary", "Accept"}, {"ETag", document.etag}};
  for (const auto& [name, value] : more) headers.add(name, value);
  if (call->request().headers.get("If-None-Match") != document.etag)
    return send_document(call, document.body, document.content_type, headers);
  headers.add("Audit-Id", call->audit_id);
  call->answer({.status = 304, .headers = std::move(headers), .body = nullptr});
}

void discovery(const CallPtr& call, bool core) {
  const auto version = aggregated_version(call->request().headers.get("Accept"));
  if (!version.empty())
    return send_tagged(call, aggregated_discovery(core, version), {{"Cache-Control", "public"}});
  send_json(call, core ? api_versions_json(call->core.deps.address) : api_group_list_json());
}

/// /apis/GROUP and /apis/GROUP/VERSION, /api/VERSION.
void group_or_version(const CallPtr& call, std::string_view path) {
  std::string_view group;
  if (path.starts_with("/apis/")) {
    path.remove_prefix(6);
    const auto slash = path.find('/');
    group = path.substr(0, slash);
    if (slash == std::string_view::npos) {
      auto json = api_group_json(group);
      return json ? send_json(call, std::move(*json)) : page_not_found(call);
    }
    path.remove_prefix(slash + 1);
  } else {
    path.remove_prefix(5);
  }
  auto json = api_resource_list_json(group, path);
  if (json) return send_json(call, std::move(*json));
  if (!group.empty() && known_group(group)) return call->fail(status::no_such_resource());
  page_not_found(call);
}

void openapi(const CallPtr& call, std::string_view path) {
  const auto* document = openapi_document(path);
  if (!document) return page_not_found(call);
  const auto hash = call->query.first("hash");
  const auto url = openapi_url(path);
  const auto wanted = '"' + hash.value_or("") + '"';
  if (hash && wanted != document->etag) {
    call->answer(
        {.status = 301, .headers = {{"Audit-Id", call->audit_id}, {"Location", url}}, .body = nullptr});
    return;
  }
  Headers kept;
  if (hash) {
    kept.add("Cache-Control", "public, immutable");
    kept.add("Expires", http_date(std::time(nullptr) + document_year));
  }
  send_tagged(call, *document, kept);
}

void metrics_page(const CallPtr& call) {
  if (!call->core.deps.metrics_page) return page_not_found(call);
  on_worker(call, [call] {
    send_document(call, call->core.deps.metrics_page(call->core.gate.now()), metrics::exposition_type);
  });
}

}  // namespace

void system_path(const CallPtr& call) {
  std::string_view path = call->target.path;
  const auto& method = call->request().method;
  // A group's description answers every method, in Kubernetes too.
  const bool of_group = path.starts_with("/apis/") && std::ranges::count(path, '/') == 2;
  if (method != "GET" && method != "HEAD" && !of_group) return call->fail(status::method_not_allowed());
  if (path == "/") return send_json(call, root_paths_json());
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/version") return send_json(call, version_json());
  if (path == "/api" || path == "/apis") return discovery(call, path == "/api");
  if (path == "/openapi/v2") {
    const bool protobuf = wants_openapi_protobuf(call->request().headers.get("Accept"));
    return send_tagged(call, protobuf ? openapi_v2_protobuf() : openapi_v2_json(), {});
  }
  if (path == "/openapi/v3") return send_document(call, openapi_index_json(), json_type);
  if (path.starts_with("/openapi/v3/")) return openapi(call, path.substr(12));
  if (path.starts_with("/api/") || path.starts_with("/apis/")) return group_or_version(call, path);
  if (is_health_path(path)) return health(call, path);
  if (path == "/metrics") return metrics_page(call);
  page_not_found(call);
}

}  // namespace csrflow::api
