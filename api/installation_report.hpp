// What a host says of a certificate that it was given:
// POST /apis/certificates.k8s.io/v1/certificatesigningrequests/NAME/installed.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// Is the target of this API? It is csrflow's own, and in no discovery document.
bool is_installation_report(const Target&);

/// Roles are asked (create of `certificatesigningrequests/installed`); whoever they do not permit may still
/// report when the request is theirs, or with its certificate or its predecessor's.
void installation_report(const CallPtr&);

}  // namespace csrflow::api
