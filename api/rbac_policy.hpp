// All roles and bindings at one position of the log: who is allowed what, and through which binding.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "api/rbac_objects.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// The stored objects, by name.
struct RbacObjects {
  std::map<std::string, std::shared_ptr<const ClusterRole>, std::less<>> roles;
  std::map<std::string, std::shared_ptr<const ClusterRoleBinding>, std::less<>> bindings;
};

/// Immutable; a question looks at the bindings of the user and of their groups only.
class RbacPolicy {
 public:
  /// `position` is that of the last event about a role or a binding.
  RbacPolicy(RbacObjects, engine::Position position);

  struct Verdict {
    bool allowed = false;
    /// `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to Group "z"`; of a refusal, which rules
    /// could not be found, or nothing.
    std::string reason;
  };
  Verdict decide(const engine::Identity&, const Attributes&) const;

  struct Rules {
    PolicyRules rules;
    std::string problem;  ///< what could not be found; may be empty
  };
  /// All rules that apply to the user, by the names of the bindings.
  Rules rules_of(const engine::Identity&) const;

  /// Null when there is none.
  const ClusterRole* role(std::string_view name) const;
  const RbacObjects& objects() const { return objects_; }
  engine::Position position() const { return position_; }

 private:
  std::vector<const ClusterRoleBinding*> bindings_of(const engine::Identity&) const;
  void add(const ClusterRoleBinding&);

  const RbacObjects objects_;
  const engine::Position position_;
  /// Of users and service accounts by the name that they log in with, and of groups.
  std::unordered_map<std::string, std::vector<const ClusterRoleBinding*>> by_user_, by_group_;
};

}  // namespace csrflow::api
