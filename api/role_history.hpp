// Who was allowed what at any moment of the past: the roles and bindings as the log has them.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "api/rbac_policy.hpp"
#include "engine/ports.hpp"

namespace csrflow::api {

/// Thread-safe once it is made.
class RoleHistory {
 public:
  /// Throws engine::UnreadableEvent, engine::MalformedJson, engine::LogFailure.
  explicit RoleHistory(engine::EventReader&);

  /// What held just before the event at `position`.
  std::shared_ptr<const RbacPolicy> before(engine::Position) const;
  /// What held at that instant, everything recorded then included.
  std::shared_ptr<const RbacPolicy> at(engine::Timestamp) const;

 private:
  struct Change {
    engine::Position position;
    engine::Timestamp at;
    std::string name;
    // One of them, or an end of both kinds.
    std::shared_ptr<const ClusterRole> role;
    std::shared_ptr<const ClusterRoleBinding> binding;
    bool is_role = false;
  };
  std::shared_ptr<const RbacPolicy> after_changes(std::size_t count) const;

  std::vector<Change> changes_;  // in the log's order
  mutable std::mutex mutex_;
  mutable std::map<std::size_t, std::shared_ptr<const RbacPolicy>> made_;  // guarded by mutex_
};

/// Who may do something, and why.
struct Grant {
  std::string kind, name;       ///< `User`, `Group`, `ServiceAccount` (`namespace/name`)
  std::string verb;             ///< what of the verbs that were asked about
  std::string signer_name;      ///< as the rule is about it: `example.com/web`, `example.com/*`
  std::string binding, role;    ///< empty for system:masters, which needs none
  std::string aggregated_from;  ///< the role that the aggregated one has it from
  bool operator==(const Grant&) const = default;
};

/// Everybody who may do `verb` for the signer, by kind and name. Groups stand for all who are in them.
std::vector<Grant> who_may(const RbacPolicy&, const std::string& verb, const std::string& signer_name);

/// May this person?
bool may(const RbacPolicy&, const engine::Identity&, const std::string& verb, const std::string& signer_name);

}  // namespace csrflow::api
