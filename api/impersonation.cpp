// kube-apiserver's filter (k8s.io/apiserver/pkg/endpoints/filters/impersonation): the parts are asked for in
// the order user, groups, extras, uid, each as a resource that the requester may `impersonate` or not.
#include "api/impersonation.hpp"

#include <algorithm>

#include "api/authentication.hpp"
#include "api/query.hpp"
#include "api/validation.hpp"

namespace csrflow::api {
namespace {

constexpr std::string_view user_field = "Impersonate-User";
constexpr std::string_view group_field = "Impersonate-Group";
constexpr std::string_view uid_field = "Impersonate-Uid";
constexpr std::string_view extra_prefix = "Impersonate-Extra-";

constexpr std::string_view service_account_prefix = "system:serviceaccount:";
constexpr std::string_view anonymous_user = "system:anonymous";
constexpr std::string_view authentication_group = "authentication.k8s.io";

/// One part of the identity that is asked for: Kubernetes' ObjectReference as far as it is used here.
struct Part {
  std::string kind, namespace_name, name, api_version, extra_key;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

struct ServiceAccount {
  std::string namespace_name, name;
};

/// `system:serviceaccount:NAMESPACE:NAME`
std::optional<ServiceAccount> service_account(std::string_view user) {
  if (!user.starts_with(service_account_prefix)) return std::nullopt;
  user.remove_prefix(service_account_prefix.size());
  const auto colon = user.find(':');
  if (colon == std::string_view::npos || user.find(':', colon + 1) != std::string_view::npos)
    return std::nullopt;
  const auto space = user.substr(0, colon);
  const auto name = user.substr(colon + 1);
  if (!check_dns_label(space).empty() || !check_dns_subdomain(name).empty()) return std::nullopt;
  return ServiceAccount{std::string(space), std::string(name)};
}

/// The key of an extra, from the rest of the field's name: percent-encoded, or taken as it is.
std::string extra_key(std::string_view encoded) {
  const auto lower = lower_case(encoded);
  return unescape_path(lower).value_or(lower);
}

std::string api_version() {
  return std::string(authentication_group) + "/v1";
}

void add_extras(std::vector<Part>& parts, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    const auto lower = lower_case(name);
    if (!lower.starts_with(lower_case(extra_prefix))) continue;
    parts.push_back({.kind = "UserExtra",
                     .name = value,
                     .api_version = api_version(),
                     .extra_key = extra_key(std::string_view(lower).substr(extra_prefix.size()))});
  }
}

std::vector<Part> parts_of(const Headers& headers) {
  std::vector<Part> parts;
  const std::string user(headers.get(user_field));
  if (const auto account = service_account(user)) {
    parts.push_back(
        {.kind = "ServiceAccount", .namespace_name = account->namespace_name, .name = account->name});
  } else if (!user.empty()) {
    parts.push_back({.kind = "User", .name = user});
  }
  for (const auto group : headers.all(group_field))
    parts.push_back({.kind = "Group", .name = std::string(group)});
  add_extras(parts, headers);
  const std::string uid(headers.get(uid_field));
  if (!uid.empty()) parts.push_back({.kind = "UID", .name = uid, .api_version = api_version()});
  return parts;
}

/// As Go prints the list of references: every member, the empty ones as well.
std::string printed(const std::vector<Part>& parts) {
  std::string text = "[";
  for (const auto& part : parts) {
    if (text.size() > 1) text += ' ';
    text += '{' + part.kind + ' ' + part.namespace_name + ' ' + part.name + "  " + part.api_version + "  " +
            part.extra_key + '}';
  }
  return text + ']';
}

Attributes attributes_of(const Part& part) {
  Attributes asked{.verb = "impersonate",
                   .group = part.api_version.empty() ? "" : std::string(authentication_group),
                   .subresource = part.extra_key,
                   .name = part.name,
                   .namespace_name = part.namespace_name};
  if (part.kind == "ServiceAccount") asked.resource = "serviceaccounts";
  if (part.kind == "User") asked.resource = "users";
  if (part.kind == "Group") asked.resource = "groups";
  if (part.kind == "UserExtra") asked.resource = "userextras";
  if (part.kind == "UID") asked.resource = "uids";
  return asked;
}

void take(engine::Identity& identity, const Part& part, bool groups_given) {
  if (part.kind == "ServiceAccount") {
    identity.user = std::string(service_account_prefix) + part.namespace_name + ':' + part.name;
    if (!groups_given)
      identity.groups = {"system:serviceaccounts", "system:serviceaccounts:" + part.namespace_name};
  }
  if (part.kind == "User") identity.user = part.name;
  if (part.kind == "Group") identity.groups.push_back(part.name);
  if (part.kind == "UserExtra") identity.extra[part.extra_key].push_back(part.name);
  if (part.kind == "UID") identity.uid = part.name;
}

/// Everybody is in one of the two groups, unless one was asked for.
void add_system_group(engine::Identity& identity) {
  if (identity.in_group(group::unauthenticated)) return;
  if (identity.user == anonymous_user) {
    identity.groups.emplace_back(group::unauthenticated);
  } else if (!identity.in_group(group::authenticated)) {
    identity.groups.emplace_back(group::authenticated);
  }
}

}  // namespace

bool impersonates(const Headers& headers) {
  return !parts_of(headers).empty();
}

std::expected<std::shared_ptr<const engine::Identity>, Status> impersonated(
    const Headers& headers, const std::shared_ptr<const engine::Identity>& requester,
    const Authorizer& authorizer) {
  const auto parts = parts_of(headers);
  if (parts.empty()) return nullptr;
  if (parts.front().kind != "User" && parts.front().kind != "ServiceAccount")
    return std::unexpected(
        status::bad_request("requested " + printed(parts) + " without impersonating a user"));
  engine::Identity identity{
      .by = requester->by, .credential = requester->credential, .impersonator = requester};
  const bool groups_given = !headers.all(group_field).empty();
  for (const auto& part : parts) {
    const auto asked = attributes_of(part);
    const auto decision = authorizer.decide(*requester, asked);
    if (decision.access != Access::allowed)
      return std::unexpected(status::forbidden_resource({asked.group, asked.resource}, asked.subresource,
                                                        asked.name, asked.namespace_name, requester->user,
                                                        asked.verb, decision.reason));
    take(identity, part, groups_given);
  }
  add_system_group(identity);
  return std::make_shared<const engine::Identity>(std::move(identity));
}

}  // namespace csrflow::api
