#include "tools/policy_advice.hpp"

#include <chrono>

#include "api/own_kinds.hpp"
#include "policies/document.hpp"
#include "policies/lint.hpp"
#include "policies/policy_history.hpp"
#include "policies/replay.hpp"
#include "store/past_source.hpp"

namespace csrflow::tools {
namespace {

/// Each is a header of the answer, of which clients take a hundred.
constexpr std::size_t most_warnings = 16;

policies::LintContext::Signer known(const signer::SignerProfile& profile) {
  policies::LintContext::Signer signer{
      .name = profile.name.text, .max_lifetime = profile.spec.max_lifetime, .usages = {}, .algorithms = {}};
  signer.usages = profile.spec.usages.permitted;
  signer.usages.insert(signer.usages.end(), profile.spec.usages.added.begin(),
                       profile.spec.usages.added.end());
  for (const signer::KeyAlgorithm algorithm : profile.spec.keys.algorithms)
    signer.algorithms.emplace_back(signer::name_of(algorithm));
  return signer;
}

}  // namespace

PolicyAdvice::PolicyAdvice(const store::DataFiles& files, const store::SqliteEventLog& log,
                           const policies::PolicyBook& book, const signer::SignerBook& signers,
                           const engine::Clock& clock)
    : files_(files), log_(log), book_(book), signers_(signers), clock_(clock) {}

std::vector<std::string> PolicyAdvice::advise(const api::Resource& resource,
                                              const engine::ConfigObject& wanted, bool dry_run) const {
  if (&resource != &api::approval_policies()) return {};
  const auto policy = policies::read_policy_json(policies::document_of(wanted));
  if (!policy) return {};
  std::vector<std::string> advice = linted(*policy);
  if (dry_run) advice.push_back(past_changes(*policy));
  return advice;
}

std::vector<std::string> PolicyAdvice::linted(const policies::PolicyPtr& policy) const {
  policies::LintContext context;
  for (const auto& profile : signers_.all()) context.signers.push_back(known(*profile));
  std::vector<policies::PolicyPtr> all;
  for (const policies::PolicyPtr& other : book_.current()->policies())
    if (other->name != policy->name) all.push_back(other);
  all.push_back(policy);
  std::vector<std::string> found;
  for (const policies::Problem& problem : policies::lint(all, context))
    if (problem.policy == policy->name) found.push_back(policies::sentence(problem));
  if (found.size() > most_warnings) {
    const std::string rest = std::to_string(found.size() - most_warnings);
    found.resize(most_warnings);
    found.push_back(rest + " more warnings: csrflow policy lint tells all");
  }
  return found;
}

std::string PolicyAdvice::past_changes(const policies::PolicyPtr& policy) const {
  const auto reader = log_.reader();
  store::SqlitePastSource past(files_);
  std::stop_source stop;
  const auto end = std::chrono::steady_clock::now() + advice_patience;
  policies::ReplayOptions options{.policies = {policy}};
  options.examples = 0;
  options.stop = stop.get_token();
  options.now = clock_.now();
  options.progress = [&](engine::Position, engine::Position) {
    if (std::chrono::steady_clock::now() >= end) stop.request_stop();
  };
  const auto result = policies::replay(past, policies::policy_history(*reader, past.head()), options);
  std::string text = std::to_string(result.differing()) + " of " + std::to_string(result.requests) +
                     " past decisions would change";
  if (result.live_denied > 0)
    text += ", " + std::to_string(result.live_denied) + " valid certificates would have been denied";
  if (!result.complete) text += "; these are only the oldest requests";
  return text + ": csrflow policy replay says which";
}

}  // namespace csrflow::tools
