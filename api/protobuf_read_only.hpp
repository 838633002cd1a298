// The protobuf form of kinds that clients only read: events, namespaces, trust bundles and lists of them.
#pragma once

#include <optional>
#include <string>

#include "api/json_tree.hpp"

namespace csrflow::api {

/// The message (without its envelope) of what would be sent as this JSON; nothing for another kind. Field
/// numbers are those of k8s.io/api (generated.proto).
std::optional<std::string> read_only_message(const JsonValue&);

}  // namespace csrflow::api
