#include "api/authorization.hpp"

namespace csrflow::api {

bool permitted_on_signer(const Authorizer& authorizer, const engine::Identity& user, const std::string& verb,
                         const std::string& signer) {
  Attributes asked{.verb = verb,
                   .group = "certificates.k8s.io",
                   .resource = "signers",
                   .subresource = {},
                   .name = signer,
                   .namespace_name = {},
                   .path = {}};
  if (authorizer.decide(user, asked).access == Access::allowed) return true;
  asked.name = signer.substr(0, signer.find('/')) + "/*";
  return authorizer.decide(user, asked).access == Access::allowed;
}

}  // namespace csrflow::api
