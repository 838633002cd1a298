// Who may write approval policies and signers.
#pragma once

#include <functional>

#include "api/authorization.hpp"
#include "api/config_admission.hpp"

namespace csrflow::api {

/// A policy that approves acts for its writer: whoever writes one must hold `approve` on every signer that it
/// can match, or `escalate` on approvalpolicies in csrflow.io. The signers below kubernetes.io are
/// Kubernetes' to define: only csrflow itself writes them.
class OwnKindsAdmission : public ConfigAdmission {
 public:
  /// `authorizer` outlives it. `policies` says how many approval policies there are: no more than
  /// policies::max_policies are taken.
  OwnKindsAdmission(const Authorizer& authorizer, std::function<std::size_t()> policies)
      : authorizer_(authorizer), policies_(std::move(policies)) {}
  std::expected<void, Status> admit(const engine::Identity&, const Resource&,
                                    const engine::ConfigObject& wanted,
                                    const engine::ConfigObject* stored) const override;

  std::expected<void, Status> admit_deletion(const engine::Identity&, const Resource&,
                                             const std::string& name) const override;

 private:
  std::expected<void, Status> admit_policy(const engine::Identity&, const Resource&,
                                           const engine::ConfigObject& wanted) const;
  const Authorizer& authorizer_;
  const std::function<std::size_t()> policies_;
};

}  // namespace csrflow::api
