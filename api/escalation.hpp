// Nobody grants what they do not have: the guard over writes of roles and bindings, as kube-apiserver's
// policy-based storage.
#pragma once

#include "api/authorization.hpp"
#include "api/config_admission.hpp"

namespace csrflow::api {

/// A role needs all its permissions or the verb `escalate`, a binding all of its role's or the verb `bind`;
/// members of system:masters are not asked. Else 403; 404 for a binding to a role that is not there.
class EscalationGuard final : public ConfigAdmission {
 public:
  explicit EscalationGuard(const Authorizer& authorizer) : authorizer_(authorizer) {}

  std::expected<void, Status> admit(const engine::Identity&, const Resource&,
                                    const engine::ConfigObject& wanted,
                                    const engine::ConfigObject* stored) const override;

 private:
  const Authorizer& authorizer_;
};

}  // namespace csrflow::api
