#include "tools/decision_rules.hpp"

#include "engine/cached_request_reader.hpp"
#include "store/sha256.hpp"
#include "tools/standing_rules.hpp"

namespace csrflow::tools {
namespace {

/// With the roles of this moment: whoever lost the right to approve has no word any more.
bool may_approve(const api::Authorizer& authorizer, const engine::Word& word,
                 const engine::SignerName& signer) {
  engine::Identity who;
  who.user = word.user;
  who.groups = word.groups;
  return api::permitted_on_signer(authorizer, who, "approve", signer.text);
}

}  // namespace

const engine::RequestReader& request_reader() {
  static const signer::RequestReader one;
  static const engine::CachedRequestReader cached(one);
  return cached;
}

store::RequestForms request_forms() {
  return {.reader = &request_reader(), .name_form = policies::counted_name};
}

DecisionRules::DecisionRules(const store::DataFiles& files, const store::SqliteEventLog& log,
                             store::Projector& views, const signer::SignerBook& signers,
                             signer::ReservedKeys reserved, const api::RoleBook& roles,
                             engine::Reevaluation::Submit submit, engine::Reevaluation::Complain complain)
    : authorizer_(roles),
      checks_(signers, std::move(reserved)),
      policies_(*log.reader()),
      rotation_(*log.reader(), rotation_sources()),
      sinks_(*log.reader(), request_reader()),
      history_(files, views, store::sha256, request_forms()),
      finder_(request_reader(), history_, checks_,
              [this](const engine::Word& word, const engine::SignerName& signer) {
                return may_approve(authorizer_, word, signer);
              }),
      approver_(policies_, finder_, checks_),
      reevaluation_(views, log, store::sha256, std::move(submit), std::move(complain)) {}

}  // namespace csrflow::tools
