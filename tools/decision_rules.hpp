// What decides besides people: signers' demands, approval and rotation policies, and the past that they look
// at; and who hears of it.
#pragma once

#include "api/rbac_authorizer.hpp"
#include "api/role_book.hpp"
#include "engine/reevaluation.hpp"
#include "engine/writer.hpp"
#include "policies/log_approver.hpp"
#include "policies/rotation_book.hpp"
#include "policies/sink_book.hpp"
#include "signer/request_checks.hpp"
#include "signer/request_reader.hpp"
#include "store/event_log.hpp"
#include "store/projector.hpp"
#include "store/request_history.hpp"

namespace csrflow::tools {

/// Remembers what it has read: the policies, the views and the history ask for the same request within
/// moments.
const engine::RequestReader& request_reader();
/// How requests are read: for the views, and for whatever compares with them.
store::RequestForms request_forms();

class DecisionRules {
 public:
  /// All outlive it. `views` are at the log's head, and nothing is appended before this is constructed.
  DecisionRules(const store::DataFiles&, const store::SqliteEventLog&, store::Projector& views,
                const signer::SignerBook&, signer::ReservedKeys, const api::RoleBook&,
                engine::Reevaluation::Submit, engine::Reevaluation::Complain);

  engine::DecidedBy decided_by() const {
    return {.approver = &approver_, .rules = &rotation_, .subscriptions = &sinks_};
  }
  const engine::RequestChecks& checks() const { return checks_; }
  const api::Authorizer& authorizer() const { return authorizer_; }
  const policies::PolicyBook& policies() const { return policies_; }
  const policies::RotationBook& rotation() const { return rotation_; }
  const policies::SinkBook& sinks() const { return sinks_; }
  /// They hear of a commit after the views and the roles.
  std::vector<engine::Follower*> followers() {
    return {&policies_, &rotation_, &sinks_, &history_, &reevaluation_};
  }

  /// Asks again about what was undecided, until `stop`.
  void start() { reevaluation_.start(); }
  void stop() { reevaluation_.stop(); }

 private:
  api::RbacAuthorizer authorizer_;
  signer::RequestChecks checks_;
  policies::PolicyBook policies_;
  policies::RotationBook rotation_;
  policies::SinkBook sinks_;
  store::SqliteRequestHistory history_;
  policies::FactFinder finder_;
  policies::LogApprover approver_;
  engine::Reevaluation reevaluation_;
};

}  // namespace csrflow::tools
