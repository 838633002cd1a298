// Kubernetes' authorisation modes Node and RBAC, one after the other.
#pragma once

#include "api/authorization.hpp"
#include "api/role_book.hpp"

namespace csrflow::api {

/// system:masters may do everything; a node (system:node:NAME in system:nodes) what kubelets need here; all
/// else is up to the roles and bindings. Thread-safe.
class RbacAuthorizer final : public Authorizer {
 public:
  explicit RbacAuthorizer(const RoleBook& book) : book_(book) {}

  AccessDecision decide(const engine::Identity&, const Attributes&) const override;
  RulesOfUser rules_of(const engine::Identity&) const override;
  std::optional<PolicyRules> rules_of_role(const std::string&) const override;
  engine::Position position() const override { return book_.current()->position(); }

 private:
  const RoleBook& book_;
};

}  // namespace csrflow::api
