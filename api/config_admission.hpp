// Rules about configuration objects that look at who writes them.
#pragma once

#include <expected>

#include "api/resource.hpp"
#include "engine/config.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

/// Asked on every creation and change, before the object is validated. Thread-safe; must not block.
struct ConfigAdmission {
  virtual ~ConfigAdmission() = default;
  /// May this user make `wanted` of `stored` (null: of nothing)? `wanted` has its name unless the server is
  /// to choose one. Else a 403.
  virtual std::expected<void, Status> admit(const engine::Identity&, const Resource&,
                                            const engine::ConfigObject& wanted,
                                            const engine::ConfigObject* stored) const = 0;
};

}  // namespace csrflow::api
