// Rules about configuration objects that look at who writes them.
#pragma once

#include <expected>
#include <vector>

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
  /// May this user delete the object of this name? Else a 403.
  virtual std::expected<void, Status> admit_deletion(const engine::Identity&, const Resource&,
                                                     const std::string& /*name*/) const {
    return {};
  }
};

/// Several, each asked in turn; the first refusal stands.
class Admissions final : public ConfigAdmission {
 public:
  /// They outlive it.
  explicit Admissions(std::vector<const ConfigAdmission*> all) : all_(std::move(all)) {}
  std::expected<void, Status> admit(const engine::Identity& user, const Resource& resource,
                                    const engine::ConfigObject& wanted,
                                    const engine::ConfigObject* stored) const override {
    for (const ConfigAdmission* one : all_)
      if (auto admitted = one->admit(user, resource, wanted, stored); !admitted) return admitted;
    return {};
  }
  std::expected<void, Status> admit_deletion(const engine::Identity& user, const Resource& resource,
                                             const std::string& name) const override {
    for (const ConfigAdmission* one : all_)
      if (auto admitted = one->admit_deletion(user, resource, name); !admitted) return admitted;
    return {};
  }

 private:
  const std::vector<const ConfigAdmission*> all_;
};

/// What somebody who writes a configuration object should know, though it is taken: Warning headers.
struct ConfigAdvice {
  virtual ~ConfigAdvice() = default;
  /// Thread-safe; may take seconds, on a worker.
  virtual std::vector<std::string> advise(const Resource&, const engine::ConfigObject& wanted,
                                          bool dry_run) const = 0;
};

}  // namespace csrflow::api
