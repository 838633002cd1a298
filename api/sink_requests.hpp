// What is asked of a notification sink:
//
//   POST /apis/csrflow.io/v1/notificationsinks/NAME/retry?position=N   a dead notification is sent again
//   POST /apis/csrflow.io/v1/notificationsinks/NAME/test               a test is sent at once
//
// Both answer with a Status. A test that the receiver did not take is a 502 with the reason.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

/// Is the target of this API? It is csrflow's own, and in no discovery document.
bool is_about_sinks(const Target&);
/// Roles have permitted it: create of `notificationsinks/retry` or `notificationsinks/test`.
void sink_request(const CallPtr&);

}  // namespace csrflow::api
