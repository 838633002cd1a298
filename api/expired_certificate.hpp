// What a client certificate that has expired is still good for: the rekey of the request that it came from,
// and to fetch its successor.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// 401 with the way out for every call of such a certificate but POST …/NAME/rekey and get, list and watch of
/// one request by its name; nothing: go on, also when the certificate has not expired.
std::optional<Status> refused_as_expired(const Call&);

/// Goes on when the call is no reading one of an expired certificate, or reads a successor of that
/// certificate; else 401. After authorisation.
void only_successors(const CallPtr&, std::move_only_function<void()> go_on);

}  // namespace csrflow::api
