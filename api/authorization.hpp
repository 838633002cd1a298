// Who may do what: one question, one answer, whichever rules stand behind it.
#pragma once

#include <string>

#include "engine/identity.hpp"

namespace csrflow::api {

/// What is asked for, in RBAC's terms.
struct Attributes {
  std::string verb;  ///< `get`, `list`, `create`, …; of a path, the HTTP method in lower case
  std::string group, resource, subresource;
  std::string name;  ///< empty: of no single object
  std::string namespace_name;
  std::string path;  ///< of a request without a resource; then only `verb` is set besides
};

enum class Access {
  denied,
  own,  ///< only an object that this user requested (spec.username)
  allowed
};

struct AccessDecision {
  Access access = Access::denied;
  std::string reason;            ///< for whom asks why; may be empty
  std::string evaluation_error;  ///< what of the rules could not be read; may be empty
};

struct Authorizer {
  virtual ~Authorizer() = default;
  /// Thread-safe; must not block.
  virtual AccessDecision decide(const engine::Identity&, const Attributes&) const = 0;
};

/// May the user `verb` (approve, sign) requests for this signer? Asks for the signer's name and for all of
/// its domain (`example.com/*`).
bool permitted_on_signer(const Authorizer&, const engine::Identity&, const std::string& verb,
                         const std::string& signer);

/// The rules of a server without roles: system:masters may do everything; whoever is authenticated may
/// discover, ask about themselves, create requests and read their own; everybody may ask for version and
/// health.
class FixedRules final : public Authorizer {
 public:
  AccessDecision decide(const engine::Identity&, const Attributes&) const override;
};

}  // namespace csrflow::api
