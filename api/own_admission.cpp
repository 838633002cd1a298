#include "api/own_admission.hpp"

#include "api/own_kinds.hpp"
#include "policies/document.hpp"
#include "policies/notification_sink.hpp"
#include "policies/rotation_policy.hpp"
#include "policies/stored_document.hpp"
#include "signer/signer_name.hpp"

namespace csrflow::api {
namespace {

/// The signers that a policy without signerNames matches.
constexpr std::string_view every_signer = "*";

std::vector<std::string> signers_of(const std::optional<std::vector<policies::SignerPattern>>& patterns) {
  if (!patterns) return {std::string(every_signer)};
  std::vector<std::string> names;
  for (const policies::SignerPattern& pattern : *patterns) names.push_back(pattern.text);
  return names;
}

}  // namespace

// What is no document of its kind is refused by its validation.
std::expected<void, Status> OwnKindsAdmission::admit(const engine::Identity& user, const Resource& resource,
                                                     const engine::ConfigObject& wanted,
                                                     const engine::ConfigObject* stored) const {
  const std::string& name = wanted.meta.name;
  if (stored == nullptr)
    if (auto one_more = admit_one_more(resource, name); !one_more) return one_more;
  if (&resource == &approval_policies()) {
    const auto policy = policies::read_policy_json(policies::document_of(wanted));
    if (!policy || (*policy)->outcome != policies::Outcome::approve) return {};
    return admit_approving(user, resource, name, (*policy)->match.signer_names);
  }
  if (&resource == &rotation_policies()) {
    const auto policy = policies::read_rotation_policy_json(policies::document_of(wanted, "RotationPolicy"));
    if (!policy || (*policy)->rules.approval != engine::RotationApproval::inherit) return {};
    return admit_approving(user, resource, name, (*policy)->match.signer_names);
  }
  if (&resource == &notification_sinks()) {
    const auto sink =
        policies::read_notification_sink_json(policies::document_of(wanted, "NotificationSink"));
    if (!sink || !(*sink)->touches_host()) return {};
    return admit_host(user, resource, name);
  }
  return admit_deletion(user, resource, name);
}

std::expected<void, Status> OwnKindsAdmission::admit_deletion(const engine::Identity&,
                                                              const Resource& resource,
                                                              const std::string& object_name) const {
  if (&resource != &signers()) return {};
  const auto name = signer::signer_of_object(object_name);
  if (!name || !signer::is_kubernetes(*name)) return {};
  return std::unexpected(
      status::forbidden(resource.resource_name(), object_name,
                        "the signers of kubernetes.io have Kubernetes' rules and cannot be changed"));
}

std::expected<void, Status> OwnKindsAdmission::admit_one_more(const Resource& resource,
                                                              const std::string& name) const {
  struct Limit {
    const Resource& resource;
    const std::function<std::size_t()>& count;
    std::size_t most;
    const char* what;
  };
  for (const Limit& limit :
       {Limit{approval_policies(), counts_.approval_policies, policies::max_policies, "approval policies"},
        Limit{rotation_policies(), counts_.rotation_policies, policies::max_policies, "rotation policies"},
        Limit{notification_sinks(), counts_.notification_sinks, policies::max_sinks, "notification sinks"}}) {
    if (&resource != &limit.resource || limit.count() < limit.most) continue;
    return std::unexpected(status::forbidden(resource.resource_name(), name,
                                             "there are " + std::to_string(limit.most) + ' ' + limit.what +
                                                 " already, the most that there can be: delete one first"));
  }
  return {};
}

bool OwnKindsAdmission::may_escalate(const engine::Identity& user, const Resource& resource,
                                     const std::string& name) const {
  const Attributes escalate{.verb = "escalate",
                            .group = resource.group,
                            .resource = resource.plural,
                            .subresource = {},
                            .name = name,
                            .namespace_name = {},
                            .path = {}};
  return authorizer_.decide(user, escalate).access == Access::allowed;
}

std::expected<void, Status> OwnKindsAdmission::admit_approving(const engine::Identity& user,
                                                               const Resource& resource,
                                                               const std::string& name,
                                                               const Patterns& patterns) const {
  if (may_escalate(user, resource, name)) return {};
  const bool rotates = &resource == &rotation_policies();
  for (const std::string& signer : signers_of(patterns)) {
    if (permitted_on_signer(authorizer_, user, "approve", signer)) continue;
    return std::unexpected(
        status::forbidden(resource.resource_name(), name,
                          "user not permitted to approve requests with signerName \"" + signer +
                              "\", which this policy would" + (rotates ? " by approval: inherit" : "") +
                              ": whoever writes " + (rotates ? "such a" : "an approving") +
                              " policy needs approve on its signers, or escalate on " + resource.plural));
  }
  return {};
}

std::expected<void, Status> OwnKindsAdmission::admit_host(const engine::Identity& user,
                                                          const Resource& resource,
                                                          const std::string& name) const {
  if (may_escalate(user, resource, name)) return {};
  return std::unexpected(status::forbidden(
      resource.resource_name(), name,
      "it names a program or files of the server's host, which the server would run or read: whoever writes "
      "such a sink needs escalate on notificationsinks"));
}

}  // namespace csrflow::api
