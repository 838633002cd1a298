// GET /apis/csrflow.io/v1/forecast?days=N: what ends and rotates from now on. Permitted to whoever may `list`
// `forecast` in the group csrflow.io.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

bool is_forecast(const Target&);
void forecast_request(const CallPtr&);

}  // namespace csrflow::api
