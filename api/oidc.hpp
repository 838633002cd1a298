// Users by JSON Web Tokens of an OpenID Connect issuer, with kube-apiserver's --oidc-* options and rules.
#pragma once

#include <map>

#include "api/authentication.hpp"
#include "api/issuer_keys.hpp"
#include "engine/ports.hpp"

namespace csrflow::api {

struct OidcRules {
  std::string issuer;     ///< `iss`, exactly; an https address
  std::string client_id;  ///< one of `aud`
  std::string username_claim = "sub";
  /// Before the claim: none given, `<issuer>#`, or nothing for `email`; `-`: nothing.
  std::string username_prefix;
  std::string groups_claim;  ///< empty: tokens bring no groups
  std::string groups_prefix;
  std::map<std::string, std::string> required_claims;
  std::vector<std::string> algorithms{"RS256"};
};

/// What is wrong with the rules; nothing when they can be used.
std::optional<std::string> problem_of(const OidcRules&);

/// The user whom a verified token's claims (a JSON object) name at this time, or why it is none. Names that
/// begin with `system:` are refused: they are the cluster's own.
std::expected<std::shared_ptr<const engine::Identity>, std::string> identity_of_claims(
    const OidcRules&, std::string_view claims, engine::Timestamp now);

class OidcTokens final : public BearerTokens {
 public:
  OidcTokens(OidcRules, std::shared_ptr<IssuerKeys>, const engine::Clock&);
  /// Null for what is no JWT of this issuer.
  std::expected<std::shared_ptr<const engine::Identity>, Rejection> identify(
      std::string_view token) const override;
  /// Before those end who handle requests: no request waits for keys after this.
  void stop() { keys_->stop(); }

 private:
  const OidcRules rules_;
  const std::shared_ptr<IssuerKeys> keys_;
  const engine::Clock& clock_;
};

}  // namespace csrflow::api
