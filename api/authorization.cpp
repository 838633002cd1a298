#include "api/authorization.hpp"

#include <algorithm>

#include "api/authentication.hpp"

namespace csrflow::api {
namespace {

constexpr std::array<std::string_view, 5> public_paths{"/healthz", "/livez", "/readyz", "/version",
                                                       "/version/"};
constexpr std::array<std::string_view, 3> discovery_roots{"/api", "/apis", "/openapi"};

bool is_public(std::string_view path) {
  return std::ranges::find(public_paths, path) != public_paths.end();
}

bool is_discovery(std::string_view path) {
  return std::ranges::any_of(discovery_roots, [&](std::string_view root) {
    return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
  });
}

Access of_path(const engine::Identity& user, const Attributes& asked) {
  if (asked.verb != "get") return Access::denied;
  if (is_public(asked.path)) return Access::allowed;
  return user.in_group(group::authenticated) && is_discovery(asked.path) ? Access::allowed : Access::denied;
}

Access of_resource(const Attributes& asked) {
  if (asked.group == "certificates.k8s.io" && asked.resource == "certificatesigningrequests") {
    if (asked.verb == "create" && asked.subresource.empty()) return Access::allowed;
    if (asked.verb == "get" && asked.subresource.empty()) return Access::own;
  }
  const bool asks_about_itself =
      (asked.group == "authentication.k8s.io" && asked.resource == "selfsubjectreviews") ||
      (asked.group == "authorization.k8s.io" && asked.resource == "selfsubjectaccessreviews");
  return asks_about_itself && asked.verb == "create" ? Access::allowed : Access::denied;
}

}  // namespace

AccessDecision FixedRules::decide(const engine::Identity& user, const Attributes& asked) const {
  if (user.in_group(group::masters)) return {.access = Access::allowed};
  if (!asked.path.empty()) return {.access = of_path(user, asked)};
  if (!user.in_group(group::authenticated)) return {};
  const auto access = of_resource(asked);
  return {.access = access, .reason = access == Access::own ? "what the user requested" : ""};
}

bool permitted_on_signer(const Authorizer& authorizer, const engine::Identity& user, const std::string& verb,
                         const std::string& signer) {
  Attributes asked{.verb = verb, .group = "certificates.k8s.io", .resource = "signers", .name = signer};
  if (authorizer.decide(user, asked).access == Access::allowed) return true;
  asked.name = signer.substr(0, signer.find('/')) + "/*";
  return authorizer.decide(user, asked).access == Access::allowed;
}

}  // namespace csrflow::api
