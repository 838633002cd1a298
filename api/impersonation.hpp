// Acting as somebody else: the header fields Impersonate-User, -Group, -Uid and -Extra-*.
#pragma once

#include <expected>
#include <memory>

#include "api/authorization.hpp"
#include "api/http.hpp"
#include "api/status.hpp"

namespace csrflow::api {

/// Does the request ask to act as somebody, whoever that is?
bool impersonates(const Headers&);

/// Whom the request acts as, once the requester may impersonate each part of that identity; null when it
/// speaks for itself. 400 when there is no user to the rest, 403 for the first part that is not permitted.
std::expected<std::shared_ptr<const engine::Identity>, Status> impersonated(
    const Headers&, const std::shared_ptr<const engine::Identity>& requester, const Authorizer&);

}  // namespace csrflow::api
