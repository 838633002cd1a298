// Who may write approval policies and signers.
#pragma once

#include "api/authorization.hpp"
#include "api/config_admission.hpp"

namespace csrflow::api {

/// A policy that approves acts for its writer: whoever writes one must hold `approve` on every signer that it
/// can match, or `escalate` on approvalpolicies in csrflow.io. The signers below kubernetes.io are
/// Kubernetes' to define: only csrflow itself writes them.
class OwnKindsAdmission : public ConfigAdmission {
 public:
  /// `authorizer` outlives it.
  explicit OwnKindsAdmission(const Authorizer& authorizer) : authorizer_(authorizer) {}
  std::expected<void, Status> admit(const engine::Identity&, const Resource&,
                                    const engine::ConfigObject& wanted,
                                    const engine::ConfigObject* stored) const override;

  std::expected<void, Status> admit_deletion(const engine::Identity&, const Resource&,
                                             const std::string& name) const override;

 private:
  std::expected<void, Status> admit_policy(const engine::Identity&, const Resource&,
                                           const engine::ConfigObject& wanted) const;
  const Authorizer& authorizer_;
};

}  // namespace csrflow::api
