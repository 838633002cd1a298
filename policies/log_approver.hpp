// Approval policies as the engine asks them: from a request's state and history to facts, from the decision
// to a ruling.
#pragma once

#include "engine/approver.hpp"
#include "policies/fact_finder.hpp"
#include "policies/policy_book.hpp"

namespace csrflow::policies {

class LogApprover : public engine::Approver {
 public:
  /// All outlive it.
  LogApprover(const PolicyBook&, const FactFinder&, const engine::RequestChecks&);

  engine::Ruling judge(const engine::Question&) const override;
  std::string why_not_inherited(const engine::CsrState&) const override;

 private:
  const PolicyBook& book_;
  const FactFinder& finder_;
  const engine::RequestChecks& checks_;
};

}  // namespace csrflow::policies
