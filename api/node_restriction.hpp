// Kubernetes' admission plugin NodeRestriction, as far as it concerns requests.
#pragma once

#include <expected>
#include <optional>

#include "api/status.hpp"
#include "engine/identity.hpp"
#include "engine/object.hpp"
#include "engine/ports.hpp"

namespace csrflow::api {

/// Which node the user is (system:node:NAME in system:nodes); nothing when it is none. The name may be empty.
std::optional<std::string_view> node_of(const engine::Identity&);

/// A node asks the kubelet's signers for its own name only; else a 403.
std::expected<void, Status> restrict_node(const engine::Identity&, const engine::CsrObject&,
                                          const engine::PkixInspector&);

}  // namespace csrflow::api
