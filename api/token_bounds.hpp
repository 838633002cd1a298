// What a token of csrflow's own may be used for when it is for a single use, or for certain requests only
// (engine/token.hpp).
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// Does the credential name such a token?
bool is_bounded(const TokenBook&, const engine::Identity&);

/// Why the call is refused before roles are asked: such a token speaks for nobody else (403), and once it is
/// used up it only shows its request, and reports on it. Nothing: go on.
std::optional<Status> refused_by_token(const Call&);

/// What must be written along with the creation of this request, so that the token is used by it; nothing
/// when the caller's credential is no such token.
std::optional<engine::Companion> use_of_token(const Call&, const engine::CsrObject&);

}  // namespace csrflow::api
