// What whoever applies an approval policy should know: what looks wrong in it, and, in a dry run, how many
// past decisions it would change.
#pragma once

#include "api/config_admission.hpp"
#include "engine/ports.hpp"
#include "policies/policy_book.hpp"
#include "signer/signer_book.hpp"
#include "store/event_log.hpp"

namespace csrflow::tools {

/// How long a dry run looks at the past; then it says how far it came.
constexpr std::chrono::seconds advice_patience{5};

class PolicyAdvice : public api::ConfigAdvice {
 public:
  /// All outlive it.
  PolicyAdvice(const store::DataFiles&, const store::SqliteEventLog&, const policies::PolicyBook&,
               const signer::SignerBook&, const engine::Clock&);

  std::vector<std::string> advise(const api::Resource&, const engine::ConfigObject& wanted,
                                  bool dry_run) const override;

 private:
  std::vector<std::string> linted(const policies::PolicyPtr&) const;
  std::string past_changes(const policies::PolicyPtr&) const;

  const store::DataFiles files_;
  const store::SqliteEventLog& log_;
  const policies::PolicyBook& book_;
  const signer::SignerBook& signers_;
  const engine::Clock& clock_;
};

}  // namespace csrflow::tools
