// All that policies judge of a request, gathered from its state, its predecessor's, and the past.
#pragma once

#include <functional>

#include "engine/approver.hpp"
#include "engine/csr.hpp"
#include "engine/recent_requests.hpp"
#include "engine/request_checks.hpp"
#include "engine/request_description.hpp"
#include "engine/request_history.hpp"
#include "policies/evaluation.hpp"

namespace csrflow::policies {

/// How names are counted: as policies compare them.
std::string counted_name(const engine::RequestDescription::Name&);

/// Belongs to the writer's thread, as RequestHistory does.
class FactFinder {
 public:
  /// May this person, now, still approve for the signer? Null: everybody may.
  using MayApprove = std::function<bool(const engine::Word&, const engine::SignerName&)>;

  /// All outlive it.
  FactFinder(const engine::RequestReader&, const engine::RequestHistory&, const engine::RequestChecks&,
             MayApprove = {});

  /// An error says why the request cannot be read.
  std::expected<Facts, std::string> facts(const engine::Question&, const PolicySet&) const;
  bool may_approve(const engine::Word& word, const engine::SignerName& signer) const {
    return !may_approve_ || may_approve_(word, signer);
  }

 private:
  void follow_uncommitted(const engine::Question&) const;
  std::vector<Count> counts(const engine::Question&, const PolicySet&,
                            const engine::RequestDescription&) const;
  std::uint64_t count(const engine::RequestGroup&, const engine::RequestSpan&) const;
  std::vector<engine::KeyUse> key_uses(const engine::Question&, const std::string& spki) const;
  engine::Uid lineage_of(const engine::Uid&) const;
  std::optional<PredecessorFacts> predecessor(const engine::Question&, const engine::RequestDescription&,
                                              const std::vector<engine::KeyUse>&) const;

  const engine::RequestReader& reader_;
  const engine::RequestHistory& history_;
  const engine::RequestChecks& checks_;
  const MayApprove may_approve_;
  // What the transaction under way has created, so that each of its evaluations need not read all of it
  // again.
  mutable std::vector<engine::Uid> uncommitted_;
  mutable engine::RecentRequests recent_;
};

}  // namespace csrflow::policies
