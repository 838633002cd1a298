// serve's --oidc-* options as the API's authenticator.
#pragma once

#include <functional>
#include <memory>

#include "api/oidc.hpp"
#include "engine/ports.hpp"
#include "tools/commands.hpp"

namespace csrflow::tools {

/// Null when no issuer is given. Throws SetupError for options that cannot be used. `warn` hears when the
/// issuer's keys cannot be had.
std::shared_ptr<api::OidcTokens> oidc_tokens(const OidcOptions&, const engine::Clock&,
                                             std::function<void(const std::string&)> warn);

}  // namespace csrflow::tools
