// Cases: a request in the short form that people write, and what a policy must say of it.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "policies/evaluation.hpp"
#include "policies/problem.hpp"

namespace csrflow::policies {

/// A case's `request` (JSON text; docs/policies.md lists its fields) as facts. What it leaves out is
/// taken from `policy` (null: none): its first signer name, its first authenticatedBy, its longest lifetime.
std::expected<Facts, Problems> read_request_json(std::string_view json, const ApprovalPolicy* policy);
/// The same from YAML; a document with a member `request` stands for that.
std::expected<Facts, Problems> read_request_yaml(std::string_view yaml, const ApprovalPolicy* policy);

struct CaseResult {
  std::string name;
  bool passed = false;
  std::string expected, got;  ///< approve, deny, review, silent, next; with `because` the constraint after it
  std::string reason;         ///< the decisive failure's text, or why the case could not be run
};
/// Runs the policy's own cases, in order.
std::vector<CaseResult> run_cases(const PolicyPtr&);
/// E12 for each that failed.
Problems failed_cases(const PolicyPtr&);

}  // namespace csrflow::policies
