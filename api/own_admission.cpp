#include "api/own_admission.hpp"

#include "api/own_kinds.hpp"
#include "policies/document.hpp"
#include "policies/policy_book.hpp"
#include "signer/signer_name.hpp"

namespace csrflow::api {
namespace {

/// The signers that a policy without signerNames matches.
constexpr std::string_view every_signer = "*";

std::vector<std::string> signers_of(const policies::ApprovalPolicy& policy) {
  if (!policy.match.signer_names) return {std::string(every_signer)};
  std::vector<std::string> names;
  for (const policies::SignerPattern& pattern : *policy.match.signer_names) names.push_back(pattern.text);
  return names;
}

}  // namespace

std::expected<void, Status> OwnKindsAdmission::admit(const engine::Identity& user, const Resource& resource,
                                                     const engine::ConfigObject& wanted,
                                                     const engine::ConfigObject* stored) const {
  if (&resource == &approval_policies()) {
    if (stored == nullptr && policies_() >= policies::max_policies)
      return std::unexpected(
          status::forbidden(resource.resource_name(), wanted.meta.name,
                            "there are " + std::to_string(policies::max_policies) +
                                " approval policies already, the most that there can be: delete one first"));
    return admit_policy(user, resource, wanted);
  }
  return admit_deletion(user, resource, wanted.meta.name);
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

std::expected<void, Status> OwnKindsAdmission::admit_policy(const engine::Identity& user,
                                                            const Resource& resource,
                                                            const engine::ConfigObject& wanted) const {
  const auto policy = policies::read_policy_json(policies::document_of(wanted));
  // What is no policy is refused by its validation.
  if (!policy || (*policy)->outcome != policies::Outcome::approve) return {};
  const Attributes escalate{.verb = "escalate",
                            .group = resource.group,
                            .resource = resource.plural,
                            .subresource = {},
                            .name = wanted.meta.name,
                            .namespace_name = {},
                            .path = {}};
  if (authorizer_.decide(user, escalate).access == Access::allowed) return {};
  for (const std::string& signer : signers_of(**policy)) {
    if (permitted_on_signer(authorizer_, user, "approve", signer)) continue;
    return std::unexpected(status::forbidden(resource.resource_name(), wanted.meta.name,
                                             "user not permitted to approve requests with signerName \"" +
                                                 signer +
                                                 "\", which this policy would: whoever writes an approving "
                                                 "policy needs approve on its signers, or "
                                                 "escalate on approvalpolicies"));
  }
  return {};
}

}  // namespace csrflow::api
