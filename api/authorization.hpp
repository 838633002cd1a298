// Who may do what: one question, one answer, whichever rules stand behind it.
#pragma once

#include <optional>

#include "api/attributes.hpp"
#include "api/rbac_rules.hpp"
#include "engine/identity.hpp"

namespace csrflow::api {

enum class Access { denied, allowed };

struct AccessDecision {
  Access access = Access::denied;
  /// Why, in RBAC's words; of a refusal: which rules could not be found. May be empty.
  std::string reason;
};

struct RulesOfUser {
  PolicyRules rules;
  std::string problem;      ///< what could not be found; may be empty
  bool incomplete = false;  ///< the user may more than these rules say
};

/// Thread-safe; must not block.
struct Authorizer {
  virtual ~Authorizer() = default;
  virtual AccessDecision decide(const engine::Identity&, const Attributes&) const = 0;
  /// As far as rules can say it.
  virtual RulesOfUser rules_of(const engine::Identity&) const {
    return {.rules = {}, .problem = {}, .incomplete = true};
  }
  /// Nothing when there is no role of this name.
  virtual std::optional<PolicyRules> rules_of_role(const std::string&) const { return std::nullopt; }
  /// Of the roles that it judges by now; a judgement holds until this grows.
  virtual engine::Position position() const { return {}; }
};

/// May the user `verb` (approve, sign) requests for this signer? Asks for the signer's name and for all of
/// its domain (`example.com/*`).
bool permitted_on_signer(const Authorizer&, const engine::Identity&, const std::string& verb,
                         const std::string& signer);

}  // namespace csrflow::api
