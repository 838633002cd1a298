// The parts of the evaluation of one policy. Internal to policies.
#pragma once

#include <optional>
#include <vector>

#include "policies/evaluation.hpp"

namespace csrflow::policies {

/// Instead of a value's index: there are too few, or too many.
constexpr std::uint32_t too_few = 0xFFFF'FFFF, too_many = 0xFFFF'FFFE;

/// Texts of `predecessor`, by Failure::detail.
enum class PredecessorFault : std::uint16_t {
  no_rotation,
  revoked,
  expired,
  spec_differs,
  requester_differs,
  generation,
  key_age,
  decided_by
};

/// One policy's evaluation as it goes.
struct Judging {
  const ApprovalPolicy& policy;
  const Facts& facts;
  std::vector<Failure>& failed;
  std::uint64_t steps = 0;

  template <class Detail = std::uint16_t>
  void fail(Constraint constraint, std::uint32_t item = 0, Detail detail = {}) {
    failed.push_back({constraint, static_cast<std::uint16_t>(detail), item});
  }
};

bool matches(Judging&);
// In this order, which is the order of decisive constraints.
void judge_subject(Judging&);
void judge_names(Judging&);
void judge_usages(Judging&);
void judge_key(Judging&);
void judge_lifetime(Judging&);
void judge_extensions(Judging&);
void judge_predecessor(Judging&);
void judge_time(Judging&);
void judge_rates(Judging&);
void judge_age(Judging&);

/// Fills the places of the review with the words that count: as many as can be filled at all.
void judge_review(const Facts&, const Review&, PolicyResult&, std::uint64_t& steps);
/// May the word of this person count at all, whatever the groups?
bool must_be_another(const Facts&, const Review&, const Word&);
bool fits(const Demand&, const Word&);
/// Is it the requester who speaks, under whatever name?
bool is_requester(const Facts&, const Word&);
/// Why a word does not count: `carol asked; another must approve`.
std::string refused_text(const Facts&, const Review&, const Word&);

bool covers(const StringRule&, const Facts&, const std::string& value, std::uint64_t& steps);
/// Must it be among the names, by commonNameInSAN: as what? Nothing: it need not.
std::optional<Name> name_in_common_name(const std::string& common_name);
/// Nothing: no count is known.
const Count* count_of(const Facts&, RateKind, engine::Duration period);

}  // namespace csrflow::policies
