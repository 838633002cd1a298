// Who may write the documents of csrflow's own group, and how many there are at most.
#pragma once

#include <functional>

#include "api/authorization.hpp"
#include "api/config_admission.hpp"
#include "policies/certificate_match.hpp"

namespace csrflow::api {

/// How many there are now; no more than policies::max_policies and policies::max_sinks are taken.
struct OwnCounts {
  std::function<std::size_t()> approval_policies, rotation_policies, notification_sinks;
};

/// A policy that approves acts for its writer, and so does a rotation policy by which successors inherit
/// their predecessors' approval: whoever writes one must hold `approve` on every signer that it can match, or
/// `escalate` on the policies' resource in csrflow.io. A sink that names a program or files of the server's
/// host acts there as the server: it needs `escalate` on notificationsinks. The signers below kubernetes.io
/// are Kubernetes' to define: only csrflow itself writes them.
class OwnKindsAdmission : public ConfigAdmission {
 public:
  /// `authorizer` outlives it.
  OwnKindsAdmission(const Authorizer& authorizer, OwnCounts counts)
      : authorizer_(authorizer), counts_(std::move(counts)) {}
  std::expected<void, Status> admit(const engine::Identity&, const Resource&,
                                    const engine::ConfigObject& wanted,
                                    const engine::ConfigObject* stored) const override;

  std::expected<void, Status> admit_deletion(const engine::Identity&, const Resource&,
                                             const std::string& name) const override;

 private:
  using Patterns = std::optional<std::vector<policies::SignerPattern>>;
  std::expected<void, Status> admit_one_more(const Resource&, const std::string& name) const;
  std::expected<void, Status> admit_approving(const engine::Identity&, const Resource&,
                                              const std::string& name, const Patterns& signers) const;
  std::expected<void, Status> admit_host(const engine::Identity&, const Resource&,
                                         const std::string& name) const;
  bool may_escalate(const engine::Identity&, const Resource&, const std::string& name) const;

  const Authorizer& authorizer_;
  const OwnCounts counts_;
};

}  // namespace csrflow::api
