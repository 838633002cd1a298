#include "api/health.hpp"

#include <algorithm>

namespace csrflow::api {
namespace {

constexpr std::array<std::string_view, 3> endpoints{"healthz", "livez", "readyz"};

struct Check {
  std::string_view name;
  bool good = true;
};

/// `healthz`, and the check's name after it, or empty.
std::pair<std::string_view, std::string_view> split(std::string_view path) {
  path.remove_prefix(1);
  const auto slash = path.find('/');
  return {path.substr(0, slash),
          slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1)};
}

std::vector<Check> checks_of(const Call& call, std::string_view endpoint) {
  std::vector<Check> checks{{.name = "ping"}};
  const auto& ready = call.core.deps.ready;
  if (endpoint == "readyz") checks.push_back({.name = "ready", .good = !ready || ready()});
  return checks;
}

std::string report(std::string_view endpoint, const std::vector<Check>& checks,
                   const std::vector<std::string>& excluded, bool good) {
  std::string text;
  for (const auto& check : checks) {
    const bool left_out = std::ranges::find(excluded, check.name) != excluded.end();
    text.append(left_out || check.good ? "[+]" : "[-]").append(check.name);
    text.append(left_out ? " excluded: ok\n" : check.good ? " ok\n" : " failed: reason withheld\n");
  }
  return text.append(endpoint).append(good ? " check passed\n" : " check failed\n");
}

}  // namespace

bool is_health_path(std::string_view path) {
  return std::ranges::find(endpoints, split(path).first) != endpoints.end();
}

void health(const CallPtr& call, std::string_view path) {
  const auto [endpoint, single] = split(path);
  auto checks = checks_of(*call, endpoint);
  if (!single.empty()) {
    std::erase_if(checks, [name = single](const Check& check) { return check.name != name; });
    if (checks.empty()) return call->send_text(404, "404 page not found\n");
  }
  const auto excluded = call->query.all("exclude");
  const bool good = std::ranges::all_of(checks, [&](const Check& check) {
    return check.good || std::ranges::find(excluded, check.name) != excluded.end();
  });
  if (good && !call->query.has("verbose")) return call->send_text(200, "ok");
  call->send_text(good ? 200 : 500, report(endpoint, checks, excluded, good));
}

}  // namespace csrflow::api
