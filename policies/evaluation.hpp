// The evaluation: policies and facts in, a decision out. Pure, total, deterministic: no clock, no state, no
// order of policies; its work is bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policies/facts.hpp"
#include "policies/policy.hpp"

namespace csrflow::policies {

/// Everything that can fail, in the order in which the decisive failure is chosen.
enum class Constraint : std::uint8_t {
  subject_allow_empty,
  subject_attribute,
  subject_others,
  subject_unlisted,
  dns_allowed,
  dns_denied,
  dns_wildcards,
  dns_min,
  dns_max,
  ip_allowed,
  ip_denied,
  ip_min,
  ip_max,
  email_allowed,
  email_denied,
  email_min,
  email_max,
  uri_allowed,
  uri_denied,
  uri_min,
  uri_max,
  names_unlisted,
  names_min,
  names_max,
  names_common_name_in_san,
  names_same_as_requester,
  usages_allowed,
  usages_required,
  usages_exactly,
  key_algorithms,
  key_min_rsa,
  key_max_rsa,
  key_curves,
  key_not_reused_by,
  lifetime_max,
  lifetime_min,
  extensions_allowed,
  predecessor,
  at,
  rate_per_requester,
  rate_per_name,
  rate_per_signer,
  request_max_age
};

/// A constraint that does not hold. Compact; explain.hpp makes words of it.
struct Failure {
  Constraint constraint = Constraint::subject_allow_empty;
  std::uint16_t detail = 0;  ///< which attribute, or which of several texts
  std::uint32_t item =
      0;  ///< index of the value in its list of the facts (or of the policy, if it is missing)
};

enum class Result : std::uint8_t { silent, next, approve, deny, review };
constexpr std::string_view result_words[] = {"silent", "next", "approve", "deny", "review"};

/// Who fills the places of a demand.
struct Filled {
  std::vector<std::uint32_t> words;  ///< indices into Facts::words
};

/// What one policy says.
struct PolicyResult {
  PolicyPtr policy;
  /// Its own word; a suspended policy's is not counted.
  Result result = Result::silent;
  bool matched = false;
  std::vector<Failure> failed;
  std::vector<Filled> demands;         ///< of a review
  std::vector<std::uint32_t> may_not;  ///< words of persons who must be another: indices into Facts::words
  bool fulfilled = false;              ///< its review is complete
  bool timed_out = false;              ///< its review was given up

  bool near_miss() const { return matched && result == Result::silent; }
};

enum class Verdict : std::uint8_t { approve, deny, waits, person };
constexpr std::string_view verdict_words[] = {"approve", "deny", "waits", "person"};

/// Why, as the condition's reason says it.
enum class Reason : std::uint8_t {
  none,  ///< nobody decided
  PolicyApproved,
  PolicyDenied,
  ReviewComplete,
  ReviewDenied,
  ReviewTimeout,
  BuiltInDenied,
  TooComplex
};
std::string_view reason_word(Reason);  ///< `PolicyApproved`; empty for none

struct Warning {
  std::string text;
};

/// What the policies that count ask for together.
struct MergedObligations {
  Obligations all;
  std::vector<Warning> warnings;  ///< two policies that contradict each other
};

struct Decision {
  Verdict verdict = Verdict::person;
  Reason reason = Reason::none;
  /// Index into `policies` of the one that decides; of a person's verdict the nearest miss. Nothing: none
  /// does.
  std::optional<std::size_t> deciding;
  /// Index of the word that denied.
  std::optional<std::size_t> denying_word;
  /// Approved by the built-in approver of kubelets.
  bool node_approval = false;
  /// Every policy that matched, by priority (highest first) and name. What is not here is silent.
  std::vector<PolicyResult> policies;
  std::uint64_t steps = 0;  ///< comparisons made; at most `step_bound`

  bool decided() const { return verdict == Verdict::approve || verdict == Verdict::deny; }
  /// The decisive constraint; null when there is none.
  const Failure* decisive() const;
};

constexpr std::uint64_t max_steps = 10'000'000;

/// Immutable; threads may use one at the same time. At most `max_policies`.
class PolicySet {
 public:
  PolicySet() = default;
  /// Of policies with the same name the last counts.
  explicit PolicySet(std::vector<PolicyPtr> policies);

  std::span<const PolicyPtr> policies() const { return policies_; }
  /// Null when there is none.
  PolicyPtr find(std::string_view name) const;

  struct RateWindow {
    RateKind kind;
    engine::Duration period;
    bool operator==(const RateWindow&) const = default;
  };
  /// What must be counted for a request to this signer.
  std::vector<RateWindow> rates(std::string_view signer_name) const;

  /// Those whose signerNames cover it, by priority and name: indices into `policies()`.
  std::span<const std::uint32_t> candidates(std::string_view signer_name) const;

  /// What a policy's evaluation costs: patterns to compare each value with, and RE2 instructions for each
  /// byte.
  struct Weight {
    std::uint64_t patterns = 0, instructions = 0;
  };
  const Weight& weight(std::uint32_t index) const { return weights_[index]; }

 private:
  std::vector<PolicyPtr> policies_;  // by priority (highest first), then name
  std::vector<Weight> weights_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_signer_;  // of every name written out
  std::unordered_map<std::string, std::vector<std::uint32_t>> by_domain_;  // `example.com/*`, when not above
  std::vector<std::uint32_t> for_all_;
};

/// Never throws but for memory.
Decision decide(const PolicySet&, const Facts&);
/// One policy alone, its suspension aside: what its cases are judged by.
PolicyResult judge(const PolicyPtr&, const Facts&);
/// What `decide` may cost at most, in steps; above `max_steps` a person decides (Reason::TooComplex).
std::uint64_t step_bound(const PolicySet&, const Facts&);

/// Of an approving decision: what its policies ask for. Of any: whom to notify.
MergedObligations obligations(const Decision&);

/// The next instant after facts.at at which the same policies and words may decide otherwise: a window opens
/// or closes, a word lapses, a review is given up, the request becomes too old. Nothing when it is decided.
std::optional<engine::Timestamp> next_change(const PolicySet&, const Facts&, const Decision&);

}  // namespace csrflow::policies
