// A certificate's successor over a new key, asked for by whoever holds the old one, also when it has expired:
// POST /apis/certificates.k8s.io/v1/certificatesigningrequests/NAME/rekey.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// Is the target of this API? It is csrflow's own, and in no discovery document.
bool is_rekey(const Target&);

/// Roles have permitted it (create of `certificatesigningrequests/rekey`); beyond that it needs the very
/// certificate of the request NAME in the handshake, and its key's signature.
void rekey(const CallPtr&);

}  // namespace csrflow::api
