// All that is known of a request, its certificates included; what clients see is only a part of it.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// The newest committed state of the request of this name. Goes on with null when there never was one, on
/// this thread when it changed lately, else on a worker, which folds it from the log.
void with_whole_request(const CallPtr&, const std::string& name,
                        std::move_only_function<void(std::shared_ptr<const engine::CsrState>)>);

/// The certificate of the live object; null when it has none.
const engine::LedgerEntry* live_certificate(const engine::CsrState&);

/// Does the caller itself, and nobody who acts as somebody, present this very certificate?
bool presents(const engine::Identity&, const engine::LedgerEntry&);

}  // namespace csrflow::api
