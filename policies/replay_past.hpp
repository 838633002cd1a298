// The past of each request, gathered while history streams by: how many there were before it, who used its
// key, and what it follows.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "policies/policy_eras.hpp"

namespace csrflow::policies {

/// A request that another one names as its predecessor: all that is known of it so far.
struct NamedRequest {
  engine::PastRow made;
  std::vector<engine::PastRow> steps;
  std::optional<engine::PastSource::Certificate> certificate;
  bool deleted = false;
};

/// What a request's evaluation needs of the past.
struct PastOfRequest {
  struct Count {
    std::size_t group = 0;  ///< index in engine::Counted::groups
    engine::Duration period;
    std::uint64_t count = 0;  ///< without the request itself
  };
  std::vector<Count> counts;
  std::vector<engine::KeyUse> key_uses;
  std::shared_ptr<const NamedRequest> predecessor;
};

/// Belongs to the reading thread.
class ReplayPast {
 public:
  /// Goes through the source once when policies look at predecessors.
  ReplayPast(engine::PastSource&, const PolicyEras&, const std::stop_token&);

  /// What was before this request; and from here on it is part of the past.
  PastOfRequest add_request(const engine::PastRow&);
  void add_step(const engine::PastRow&);

 private:
  struct HashOfKey {
    std::size_t operator()(const engine::GroupKey&) const;
  };
  using Windows = std::vector<PolicySet::RateWindow>;

  const Windows& windows(const std::string& signer_name);
  void count(const engine::Counted&, engine::Timestamp, PastOfRequest&);
  void use_key(const engine::Counted&, PastOfRequest&);
  void follow(const engine::Counted&, const engine::PastRow&, PastOfRequest&);

  engine::PastSource& source_;
  const PolicyEras& eras_;
  const PastNeeds needs_;
  std::map<std::string, Windows, std::less<>> windows_;  // by signer
  std::unordered_map<engine::GroupKey, std::vector<std::int64_t>, HashOfKey> groups_;
  std::unordered_map<std::string, std::vector<engine::KeyUse>> keys_;
  std::unordered_set<std::string> named_;  // requests that some request names as its predecessor
  std::unordered_map<std::string, std::shared_ptr<NamedRequest>> followed_;       // by name: the live one
  std::unordered_map<std::uint64_t, std::shared_ptr<NamedRequest>> by_position_;  // of `created`
};

}  // namespace csrflow::policies
