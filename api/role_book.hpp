// Follows the log and keeps the newest roles and bindings ready for questions.
#pragma once

#include <atomic>

#include "api/rbac_policy.hpp"
#include "engine/record.hpp"
#include "engine/views.hpp"

namespace csrflow::api {

class RoleBook final : public engine::Follower {
 public:
  /// Begins with what the views hold; made before the writer.
  explicit RoleBook(engine::ObjectViews&);

  /// Never null; any thread. Questions about one request should be put to one policy.
  std::shared_ptr<const RbacPolicy> current() const { return current_.load(); }

  void committed(const std::shared_ptr<const engine::Batch>&) override;

 private:
  std::atomic<std::shared_ptr<const RbacPolicy>> current_;  // replaced by the writer's thread
};

}  // namespace csrflow::api
