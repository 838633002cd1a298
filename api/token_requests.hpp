// csrflow's own tokens through the API: /apis/csrflow.io/v1/tokens.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// Is the target of this API? It is csrflow's own, and in no discovery document.
bool is_about_tokens(const Target&);

/// POST makes one, GET lists or shows them, DELETE revokes one. Authorisation (create, list, get, delete of
/// `tokens` in `csrflow.io`) is done; whoever makes a token must besides be permitted to impersonate whom it
/// names.
void token_request(const CallPtr&);

}  // namespace csrflow::api
