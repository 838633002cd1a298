// Aggregated roles: their rules are the union of what the selected roles have, kept so by csrflow itself.
#pragma once

#include "api/role_book.hpp"
#include "engine/writer.hpp"

namespace csrflow::api {

/// The rules of `role` by its aggregation rule: those of the selected roles in the order of their names, each
/// once, its own not among them. `role` must have an aggregation rule.
PolicyRules aggregated_rules(const ClusterRole& role, const RbacObjects&);

/// Rewrites aggregated roles when what they select has changed. Hears of commits after the book.
class Aggregator final : public engine::Follower {
 public:
  using Submit = std::function<void(std::vector<engine::Submission>)>;
  /// Reads the aggregated roles that the book knows; made before the writer.
  Aggregator(const RoleBook&, engine::EventReader&, Submit);

  void committed(const std::shared_ptr<const engine::Batch>&) override;

 private:
  struct Held {
    engine::StreamId stream;
    engine::ConfigObject object;
    engine::Position version;
  };
  bool note(const engine::Record&);
  std::vector<engine::Submission> corrections() const;

  const RoleBook& book_;
  const Submit submit_;
  /// The aggregated roles as stored. Owned by the writer's thread once it works.
  std::map<std::string, Held> aggregated_;
};

}  // namespace csrflow::api
