// /healthz, /livez and /readyz, with their single checks, `verbose` and `exclude`.
#pragma once

#include "api/call.hpp"

namespace csrflow::api {

bool is_health_path(std::string_view path);
void health(const CallPtr&, std::string_view path);

}  // namespace csrflow::api
