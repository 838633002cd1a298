// The approval policies that are in force, as the log has them.
#pragma once

#include <map>
#include <mutex>

#include "engine/ports.hpp"
#include "engine/record.hpp"
#include "policies/evaluation.hpp"
#include "policies/stored_document.hpp"

namespace csrflow::policies {

class PolicyBook : public engine::Follower {
 public:
  /// With what the log holds now. Throws engine::UnreadableEvent when a policy there is not one for this
  /// program: to leave it out could approve what it denies.
  explicit PolicyBook(engine::EventReader&);

  void committed(const std::shared_ptr<const engine::Batch>&) override;

  /// Any thread; never null.
  std::shared_ptr<const PolicySet> current() const;

 private:
  void take(const engine::ConfigState&, const engine::StreamId&);
  void publish();

  std::map<std::string, PolicyPtr> policies_;  // the writer's thread's; by name
  mutable std::mutex mutex_;
  std::shared_ptr<const PolicySet> current_;  // guarded by mutex_
};

}  // namespace csrflow::policies
