// What people say on a request besides Kubernetes' approve and deny:
// POST /apis/certificates.k8s.io/v1/certificatesigningrequests/NAME/review.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// Is the target of this API? It is csrflow's own, and in no discovery document.
bool is_review_word(const Target&);

/// Authorisation (create of `certificatesigningrequests/review`) is done; the signer's verb is asked for
/// here.
void review_word(const CallPtr&);

}  // namespace csrflow::api
